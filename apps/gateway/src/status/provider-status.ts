import { z } from 'zod';

const instant = z.iso.datetime();

export const statusWord = z.enum(['disconnected', 'configuring', 'connected', 'error']);
export type StatusWord = z.infer<typeof statusWord>;

export const shownProblem = z.object({
  code: z.string().describe('An entry of the catalogue of problems (docs/messages.md).'),
  sentence: z.string(),
  actor: z
    .enum(['tenant-admin', 'mailbox-owner', 'workspace-admin', 'operator', 'caller', 'nobody'])
    .describe('Whose move it is.'),
  remedy: z.string(),
  kind: z.enum(['dead', 'configuration', 'transient', 'refusal', 'notice']),
  cause: z.enum(['known', 'inferred']),
  link: z.string().nullable(),
  since: instant.describe('When it began, however often it was tried since.'),
  nextAttemptAt: instant.nullable(),
});
export type ShownProblem = z.infer<typeof shownProblem>;

export const providerStatus = z.object({
  status: statusWord,
  problem: shownProblem.nullable().describe('Why it is not connected; null when it is.'),
  notices: z.array(shownProblem).describe('Works, but somebody should know.'),
  paused: z.boolean(),
  pauseReason: z.string().nullable(),
  pausedAt: instant.nullable(),
  configState: z.enum(['stored', 'missing']),
  tokenState: z.enum(['valid', 'refused', 'lost', 'none']),
  account: z.string().nullable(),
  authorizationExpiresAt: instant.nullable(),
  watchExpiresAt: instant.nullable(),
  provenAt: instant.nullable(),
  lastPushAt: instant.nullable(),
  lastSyncAt: instant.nullable(),
});
export type ProviderStatus = z.infer<typeof providerStatus>;

/** The same under the names that the host's cards read. */
export const hostNames = z.object({
  error_message: z.string().nullable().describe('The host’s name of problem.sentence.'),
  watch_expiration: instant.nullable().describe('The host’s name of watchExpiresAt.'),
  last_push_received_at: instant.nullable().describe('The host’s name of lastPushAt.'),
  last_sync_at: instant.nullable().describe('The host’s name of lastSyncAt.'),
  inbound_paused_at: instant.nullable().describe('The host’s name of pausedAt.'),
  inbound_pause_reason: z.string().nullable().describe('The host’s name of pauseReason.'),
});

export const underHostNames = (status: ProviderStatus): z.infer<typeof hostNames> => ({
  error_message: status.status === 'error' ? (status.problem?.sentence ?? null) : null,
  watch_expiration: status.watchExpiresAt,
  last_push_received_at: status.lastPushAt,
  last_sync_at: status.lastSyncAt,
  inbound_paused_at: status.pausedAt,
  inbound_pause_reason: status.pauseReason,
});
