import { z } from 'zod';
import { syncDirection } from './calendar.js';
import { command } from './contract.js';
import { mailboxDefaults, mailboxFilter } from './gmail.js';

/** What a provider of the host becomes here. Tokens are not among it, and have no way here. */
const takenOver = z.object({
  providerId: z.string(),
  name: z.string().min(1).max(200),
  /** Nothing is read until somebody resumes it, also once it is connected. */
  paused: z.enum(['manual', 'tenant_cancelled']).nullable(),
  /** Where it comes from, in words for the history. */
  importedFrom: z.string(),
  /** Only says what would come of it. */
  dryRun: z.boolean(),
});

const imported = z.object({
  /** `removed`: it was taken over before and removed here since, and is not brought back. */
  outcome: z.enum(['created', 'exists', 'removed']),
  /** What is otherwise here than where it comes from. What is here stays. */
  differences: z.array(z.object({ field: z.string(), here: z.string(), there: z.string() })),
});
export type Imported = z.infer<typeof imported>;

export const ImportMailbox = command('gmail', 'ImportMailbox', {
  summary:
    'Takes a Gmail provider over from the host, disconnected, also while the tenant’s Google app is incomplete. Repeating it changes nothing.',
  data: takenOver.extend({ address: z.email().max(320), filter: mailboxFilter, defaults: mailboxDefaults }),
  answer: imported,
  refusals: ['mailbox.address-taken'],
});

export const ImportCalendarProvider = command('calendar', 'ImportCalendarProvider', {
  summary:
    'Takes a calendar provider over from the host, disconnected, also while the tenant’s Google app is incomplete. Repeating it changes nothing.',
  data: takenOver.extend({
    userId: z.string().min(1),
    account: z.email().max(320),
    syncDirection,
    /** The calendar that the host kept, or `primary`; chosen once somebody connects. */
    calendarId: z.string().min(1).nullable(),
  }),
  answer: imported,
  refusals: ['calendar-provider.exists'],
});
