import { z } from 'zod';
import { query } from './contract.js';

const instant = z.iso.datetime();

/** What is on record besides the events of a connection's life, and for a limited time. */
export const trailKind = z.enum(['access-token-issued', 'refresh-failed', 'secret-read']);
export type TrailKind = z.infer<typeof trailKind>;

export const trailEntry = z.object({
  id: z.number().int(),
  at: instant,
  kind: trailKind,
  providerId: z.string().nullable(),
  service: z
    .string()
    .nullable()
    .describe('Which service got the token or read the secret; null where it did not say.'),
  by: z.string().describe('On whose behalf: a person, a follow-up or a timer.'),
  correlationId: z.string().nullable().describe('The same as in the history and in the logs.'),
  detail: z
    .record(z.string(), z.unknown())
    .describe(
      'Of a token the beginning of its SHA-256 and its end, of a failure its problem, of secrets the names of their keys. Never a value.',
    ),
});
export type TrailEntry = z.infer<typeof trailEntry>;

export const trailFilter = z.object({
  kind: trailKind.optional(),
  providerId: z.string().optional(),
  by: z.string().optional(),
  from: instant.optional(),
  until: instant.optional(),
});
export type TrailFilter = z.infer<typeof trailFilter>;

export const trailPage = z.object({
  trail: z.array(trailEntry),
  earlier: z
    .number()
    .int()
    .nullable()
    .describe('Give as `before`, with the same filter, for the page before; null at the beginning.'),
});

export const ListAuditTrail = query('oauth', 'ListAuditTrail', {
  summary:
    'Which access tokens were given to which service, which refreshes failed and which secrets were read, newest last, as far back as the retention reaches.',
  data: trailFilter.extend({
    limit: z.number().int().min(1).max(500),
    before: z.number().int().min(0).optional(),
  }),
  answer: trailPage,
});
