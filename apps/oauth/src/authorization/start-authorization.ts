import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import type { z } from 'zod';
import type { StartAuthorization } from '#contracts/oauth';
import type { GoogleEndpoints } from '#google/endpoints';
import { refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { minutes, type Clock } from '#time/clock';
import { incomplete } from '../access-token/next-step.js';
import { missingFor, redirectUriOf, scopesOf, type Setup } from '../google-app/app-status.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import { clientOf } from '../google-app/stored-app.js';
import type { Grants } from '../grant/grants.js';
import type { Attempts } from './attempts.js';
import { codeChallenge } from './state.js';

const lifetimeMs = minutes(10);

export function startAuthorization(means: {
  clock: Clock;
  apps: GoogleApps;
  grants: Grants;
  attempts: Attempts;
  endpoints: GoogleEndpoints;
  setup: Setup;
}) {
  const { clock, apps, grants, attempts, endpoints, setup } = means;
  return async (
    data: z.infer<typeof StartAuthorization.data>,
    origin: Origin,
  ): Promise<Reply<z.infer<typeof StartAuthorization.answer>>> => {
    const { providerId, product, expectedAccount, userId, openerOrigin } = data;
    const { tenantId, correlationId } = origin;
    const app = await apps.app(tenantId);
    const client = clientOf(app, product);
    if (!client || missingFor(app, product).length > 0) return refused(incomplete(app, product));

    const now = clock.now();
    const expiresAt = new Date(now.getTime() + lifetimeMs);
    const { clientId } = client;
    const scopes = scopesOf(product, setup);
    const redirectUri = redirectUriOf(product, setup);
    const bound = { tenantId, providerId, userId, product, clientId, redirectUri, scopes, expectedAccount };
    const { state, codeVerifier } = await attempts.begin(
      { ...bound, openerOrigin, correlationId, expiresAt },
      now,
    );
    const result = await grants.record(
      providerId,
      { type: 'StartAuthorization', product, expectedAccount, clientId, scopes },
      origin,
    );
    const authUrl = consentPage(endpoints, bound, state, codeVerifier);
    return replyTo(result, { authUrl, state, expiresAt: expiresAt.toISOString() });
  };

  function consentPage(
    { accounts }: GoogleEndpoints,
    bound: { clientId: string; redirectUri: string; scopes: string[]; expectedAccount: string },
    state: string,
    codeVerifier: string,
  ): string {
    const { clientId, redirectUri, scopes, expectedAccount } = bound;
    return new OAuth2Client({
      clientId,
      redirectUri,
      endpoints: { oauth2AuthBaseUrl: `${accounts}/o/oauth2/v2/auth` },
    }).generateAuthUrl({
      access_type: 'offline',
      // The only way to a refresh token for an account that consented before.
      prompt: 'consent',
      scope: scopes,
      // Each connection holds its own permission alone: Gmail's token opens no calendar, and what was ticked is what is granted.
      include_granted_scopes: false,
      login_hint: expectedAccount,
      state,
      code_challenge_method: CodeChallengeMethod.S256,
      code_challenge: codeChallenge(codeVerifier),
    });
  }
}
