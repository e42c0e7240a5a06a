import { z } from 'zod';
import { problemCodes } from '#problems/problem';

export const PROVIDER_PROBLEM_RAISED = 'provider.problem-raised';
export const PROVIDER_PROBLEM_CLEARED = 'provider.problem-cleared';

const instant = z.iso.datetime();
const statusWord = z.enum(['disconnected', 'configuring', 'connected', 'error']);

/** `error`: it does not work. `warning`: it works, or is on its way, and a person has to do something all the same. */
export const problemSeverity = z.enum(['error', 'warning']);
export type ProblemSeverity = z.infer<typeof problemSeverity>;

/** What the status shows, in the catalogue's words with this case's own names in them. */
export const toldProblem = z.object({
  code: z.enum(problemCodes),
  sentence: z.string(),
  /** Whose move it is. `nobody`: it is being tried again. */
  actor: z.enum(['tenant-admin', 'mailbox-owner', 'workspace-admin', 'operator', 'caller', 'nobody']),
  remedy: z.string(),
  kind: z.enum(['dead', 'configuration', 'transient', 'refusal', 'notice']),
  /** `inferred`: Google does not say why; this is the likeliest cause. */
  cause: z.enum(['known', 'inferred']),
  link: z.string().nullable(),
});

const telling = z.object({
  version: z.literal(1),
  /** The same each time this very message is delivered: drop what carries one that was already handled. */
  deliveryId: z.string(),
  tenantId: z.string(),
  providerId: z.string(),
  provider: z.literal('google'),
  product: z.enum(['gmail', 'calendar']),
  /** The calendar, where the problem is that of one calendar alone. */
  calendarId: z.string().nullable(),
  /** The same in the message that clears the problem. */
  problemId: z.string(),
  severity: problemSeverity,
  problem: toldProblem,
  /** When it began, however often it was tried since. */
  since: instant,
  /** When the change was noticed. */
  at: instant,
  /** The provider's status before and after. Null before: it is new. Null after: it was removed. */
  status: z.object({ before: statusWord.nullable(), after: statusWord.nullable() }),
});

/** A provider's status shows a problem that it did not show before. */
export const providerProblemRaised = telling.extend({
  type: z.literal(PROVIDER_PROBLEM_RAISED),
  /** When it is tried again by itself. */
  nextAttemptAt: instant.nullable(),
});
export type ProviderProblemRaised = z.infer<typeof providerProblemRaised>;

/** A problem that was raised is over: it works again, or another problem or another severity took its place, or nobody wants the provider to work. */
export const providerProblemCleared = telling.extend({
  type: z.literal(PROVIDER_PROBLEM_CLEARED),
  endedAt: instant,
  lastedSeconds: z.int().nonnegative(),
});
export type ProviderProblemCleared = z.infer<typeof providerProblemCleared>;

/** A change of what a provider's status shows. Delivered at least once, in order per provider; `deliveryId` is the same each time. */
export const providerProblemChanged = z.discriminatedUnion('type', [
  providerProblemRaised,
  providerProblemCleared,
]);
export type ProviderProblemChanged = z.infer<typeof providerProblemChanged>;
