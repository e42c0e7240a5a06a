import { z } from 'zod';
import { syncDirection } from '#contracts/calendar';

const tenantId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'has to be the tenant’s id as the PSA’s tokens carry it');
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'has to be the provider’s id in the host');
const name = z.string().trim().min(1, 'has to be the provider’s name').max(200);
const address = (of: string) => z.email(`has to be the address of ${of}`).max(320);
const active = z.boolean().default(true);

const legacyMailbox = z.strictObject({
  kind: z.literal('gmail'),
  tenantId,
  id,
  name,
  mailbox: address('the mailbox'),
  labels: z
    .array(z.string().trim().min(1, 'has to be the name of a label').max(225))
    .max(50)
    .default([])
    .describe('Label filters by name; empty: the whole mailbox.'),
  inboundTicketDefaultsId: z.string().max(200).nullable().default(null),
  autoProcessEmails: z.boolean().default(true),
  active,
  pauseReason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']).nullable().default(null),
});

const legacyCalendar = z.strictObject({
  kind: z.literal('calendar'),
  tenantId,
  id,
  name,
  userId: z.string().min(1, 'has to be the PSA’s user who owns it').max(255),
  account: address('the Google account whose consent is accepted'),
  calendarId: z.string().min(1).max(1_000).nullable().default(null).describe('Or `primary`.'),
  syncDirection: syncDirection.default('bidirectional'),
  active,
});

/** A Google provider of the host, as the list describes it. Nothing in it is a secret, and no other field is taken. */
export const legacyProvider = z.discriminatedUnion('kind', [legacyMailbox, legacyCalendar], {
  error: 'has to be "gmail" or "calendar"',
});
export type LegacyProvider = z.infer<typeof legacyProvider>;

/** One provider that cannot be taken over as it stands. */
export interface Unusable {
  kind: LegacyProvider['kind'];
  tenantId: string;
  id: string;
  reason: string;
  remedy: string;
}

export interface Legacy {
  providers: LegacyProvider[];
  unusable: Unusable[];
  /** In words for the history. */
  source: string;
}

const secretLike = /token|secret|key|password/i;

/** What is wrong with one provider, a sentence each. Never a value: somebody may have put a token there. */
export const faultsOf = (error: z.ZodError): { field: string; fault: string }[] =>
  error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const field = issue.keys.join(', ');
      const secret = issue.keys.some((key) => secretLike.test(key));
      return {
        field,
        fault: secret
          ? 'is not taken over: leave it out, tenants authorize anew'
          : 'is not a field of this list: leave it out',
      };
    }
    const field = issue.path.join('.') || 'the entry';
    const fault = /^(Invalid|Too|Unrecognized)/.test(issue.message) ? inOurWords(issue) : issue.message;
    return { field, fault };
  });

function inOurWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is missing, or not a ${issue.expected}`;
    case 'invalid_value':
      return `has to be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `is too long: at most ${issue.maximum}`;
    case 'too_small':
      return `is too short: at least ${issue.minimum}`;
    default:
      return 'is not as it has to be';
  }
}
