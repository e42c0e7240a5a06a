import { z } from 'zod';
import { instant, setOf } from '../state/forms.js';
import { savedConsent } from './consents.js';
import type { AccessToken } from './oauth-state.js';
import type { RefreshToken } from './refresh-death.js';

const scopes = z.array(z.string()).readonly();

const savedCode = z.object({
  code: z.string(),
  request: z.object({
    clientId: z.string(),
    redirectUri: z.string(),
    scopes,
    state: z.string().exactOptional(),
    nonce: z.string().exactOptional(),
    loginHint: z.string().exactOptional(),
    challenge: z.object({ challenge: z.string(), method: z.enum(['S256', 'plain']) }).exactOptional(),
    prompts: setOf(z.string()),
    offline: z.boolean(),
    includeGrantedScopes: z.boolean(),
  }),
  sub: z.string(),
  scopes,
  consentShown: z.boolean(),
  accessMs: z.number().exactOptional(),
  expiresAt: instant,
  used: z.boolean(),
});

const savedRefreshToken = z.object({
  token: z.string(),
  sub: z.string(),
  clientId: z.string(),
  projectId: z.string(),
  scopes,
  issuedAt: instant,
  passwordEpoch: z.number(),
  expiresAt: instant.exactOptional(),
  lastUsedAt: instant,
  revoked: z.boolean(),
}) satisfies z.ZodType<RefreshToken>;

const savedAccessToken = z.object({
  token: z.string(),
  holder: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('user'), sub: z.string(), clientId: z.string() }),
    z.object({ kind: z.literal('service-account'), email: z.string() }),
  ]),
  scopes,
  expiresAt: instant,
}) satisfies z.ZodType<AccessToken>;

export const savedOAuth = z.object({
  consents: z.array(savedConsent),
  codes: z.array(savedCode),
  refreshTokens: z.array(savedRefreshToken),
  accessTokens: z.array(savedAccessToken),
});
export type SavedOAuth = z.output<typeof savedOAuth>;
