import { z } from 'zod';
import type { GoogleEndpoints } from '#google/endpoints';
import { countRefreshFailure, observeGoogleAnswer } from '#operating/meters';
import { definitionOf, problem, type Problem } from '#problems/problem';
import { tokenFailure, type TokenRefusal, type TokenRequest } from './token-failure.js';

export interface OAuthClient {
  clientId: string;
  clientSecret: string;
}

export interface GrantedTokens {
  accessToken: string;
  expiresInSeconds: number;
  refreshToken: string | null;
  refreshTokenExpiresInSeconds: number | null;
  scopes: string[];
}

export type TokenAnswer = { ok: true; tokens: GrantedTokens } | { ok: false; problem: Problem };

/** Google's token and revocation endpoints. Nothing here rejects, and no answer's text leaves: each failure is a problem. */
export interface SignIn {
  exchangeCode(
    client: OAuthClient,
    exchange: { code: string; codeVerifier: string; redirectUri: string },
  ): Promise<TokenAnswer>;
  refresh(client: OAuthClient, refreshToken: string): Promise<TokenAnswer>;
  /** The service account's grant, for an assertion that it signed. */
  grantServiceAccount(assertion: string): Promise<TokenAnswer>;
  /** Ends all that the token's account granted to the token's project. True when it is ended, also by somebody else before. */
  revoke(token: string): Promise<boolean>;
}

const patienceMs = 10_000;

const tokenShape = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: z.number().optional(),
  scope: z.string().default(''),
});

/** Speaks HTTP itself: the errors of Google's libraries carry the whole request, and with it every secret. */
export function googleSignIn({ oauth2 }: GoogleEndpoints): SignIn {
  const token = async (asked: TokenRequest, fields: Record<string, string>): Promise<TokenAnswer> => {
    const { status, body } = await post(`${oauth2}/token`, fields);
    if (status !== 200) return { ok: false, problem: tokenFailure(asked, { status, body }) };
    const parsed = tokenShape.safeParse(body);
    return parsed.success
      ? { ok: true, tokens: granted(parsed.data) }
      : {
          ok: false,
          problem: problem('google.sign-in-unavailable', { detail: 'an answer without a token' }),
        };
  };
  const credentials = ({ clientId, clientSecret }: OAuthClient) => ({
    client_id: clientId,
    client_secret: clientSecret,
  });
  return {
    exchangeCode: (client, { code, codeVerifier, redirectUri }) =>
      token('code', {
        grant_type: 'authorization_code',
        ...credentials(client),
        code,
        code_verifier: codeVerifier,
        redirect_uri: redirectUri,
      }),
    refresh: async (client, refreshToken) => {
      const asked = { grant_type: 'refresh_token', ...credentials(client), refresh_token: refreshToken };
      const answer = await token('refresh', asked);
      if (!answer.ok) countRefreshFailure(definitionOf(answer.problem.code).kind);
      return answer;
    },
    grantServiceAccount: (assertion) =>
      token('service-account', { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    async revoke(revoked) {
      const { status, body } = await post(`${oauth2}/revoke`, { token: revoked });
      return status === 200 || (status === 400 && hasError(body, 'invalid_token'));
    },
  };
}

const granted = (answer: z.output<typeof tokenShape>): GrantedTokens => ({
  accessToken: answer.access_token,
  expiresInSeconds: answer.expires_in,
  refreshToken: answer.refresh_token ?? null,
  refreshTokenExpiresInSeconds: answer.refresh_token_expires_in ?? null,
  scopes: answer.scope.split(' ').filter(Boolean),
});

/** What the token endpoint says to a code that never was: whether client and secret are right, and nothing comes of it. */
export const answerToDummyCode = (
  { oauth2 }: GoogleEndpoints,
  { clientId, clientSecret }: OAuthClient,
  redirectUri: string,
  patience: number,
): Promise<TokenRefusal> =>
  post(
    `${oauth2}/token`,
    {
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      code: 'verification',
      redirect_uri: redirectUri,
    },
    patience,
  );

async function post(
  url: string,
  fields: Record<string, string>,
  patience = patienceMs,
): Promise<TokenRefusal> {
  const begun = performance.now();
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    const body = parsed(await response.text());
    observeGoogleAnswer('token', response.status, begun);
    return { status: response.status, body };
  } catch {
    observeGoogleAnswer('token', null, begun);
    return { status: null, body: undefined };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hasError = (body: unknown, error: string): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && body.error === error;
