import type { Origin, Reply } from '#messaging/envelope';
import type { Problem } from '#problems/problem';
import { secretsOnRecord } from '#secrets/secrets-on-record';
import type { SecretsProvider } from '#secrets/secrets-provider';
import { tokenHash } from '../grant/grant-tokens.js';
import type { AuditTrail } from './audit-trail.js';
import { originAtWork } from './on-behalf.js';

const thisService = 'oauth';
/** Enough to find a token that turned up somewhere, and far too little to be one. */
const hashLength = 16;

interface Token {
  accessToken: string;
  expiresAt: string;
}

/** Gives a token out only when it is on record who got which. What is refused gives nothing out. */
export const issuingOnRecord =
  <Data extends object, Answer extends Token>(
    trail: AuditTrail,
    of: 'grant' | 'service-account',
    get: (data: Data, origin: Origin) => Promise<Reply<Answer>>,
  ) =>
  async (data: Data, origin: Origin): Promise<Reply<Answer>> => {
    const reply = await get(data, origin);
    if (!reply.ok) return reply;
    const { accessToken, expiresAt } = reply.value;
    await trail.record({
      ...whose(origin),
      providerId: 'providerId' in data && typeof data.providerId === 'string' ? data.providerId : null,
      kind: 'access-token-issued',
      service: origin.from ?? null,
      detail: { of, token: tokenHash(accessToken).slice(0, hashLength), expiresAt },
    });
    return reply;
  };

/** Google gave no token. Each time, while the history tells only when that begins and ends. */
export const recordRefreshFailure = (
  trail: AuditTrail,
  origin: Origin,
  { providerId, problem }: { providerId: string | null; problem: Problem },
): Promise<void> =>
  trail.record({
    ...whose(origin),
    providerId,
    kind: 'refresh-failed',
    service: thisService,
    detail: { of: providerId === null ? 'service-account' : 'grant', problem: problem.code },
  });

const ofProvider = /^google_(?:refresh|access)_token_(?<providerId>.+)$/;

export const readingOnRecord = (secrets: SecretsProvider, trail: AuditTrail): SecretsProvider =>
  secretsOnRecord(secrets, async (tenantId, keys) => {
    const origin = originAtWork();
    const named = keys.map((key) => ofProvider.exec(key)?.groups?.['providerId']);
    await trail.record({
      tenantId,
      by: origin?.by ?? thisService,
      correlationId: origin?.correlationId ?? null,
      providerId: named.find((id) => id !== undefined) ?? null,
      kind: 'secret-read',
      service: thisService,
      detail: { keys: keys.toSorted() },
    });
  });

const whose = ({ tenantId, by, correlationId }: Origin) => ({ tenantId, by, correlationId });
