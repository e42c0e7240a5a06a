import { z } from 'zod';
import { googleAppStatus, problemShape } from '#contracts/oauth';
import { happening, type Happening } from '../history/history.js';
import { statusWord } from '../status/provider-status.js';
import { verification, type Verification } from './verification.js';

const instant = z.iso.datetime();

const happened = happening.pick({ at: true, type: true, about: true }).extend({
  code: z.string().nullable().describe('The problem, when the event tells one.'),
});

const provider = z.object({
  id: z.string(),
  kind: z.enum(['gmail', 'calendar']),
  account: z.string().describe('Masked.'),
  status: statusWord,
  code: z.string().nullable(),
  notices: z.array(z.string()),
  tokenState: z.string(),
  paused: z.boolean(),
  lastSyncAt: instant.nullable(),
  history: z.array(happened).describe('The latest events, oldest first, without what they hold.'),
});

/** What a support desk needs, and nothing that has to be kept from it. */
export const supportBundle = z.object({
  madeAt: instant,
  versions: z.object({ product: z.string(), node: z.string() }),
  installation: z.object({ baseUrl: z.string(), development: z.boolean(), simulatedGoogle: z.boolean() }),
  tenantId: z.string(),
  setup: googleAppStatus.nullable().describe('Null: it cannot be had at the moment.'),
  verification,
  history: z.array(happened).describe('Of the setup and the topic.'),
  providers: z.array(provider),
});
export type SupportBundle = z.infer<typeof supportBundle>;

const latest = 40;

/** Types and codes alone: what events hold may name people. */
export const inShort = (history: readonly Happening[]): z.infer<typeof happened>[] =>
  history.slice(-latest).map(({ at, type, about, data }) => ({
    at,
    type,
    about,
    code: problemShape.safeParse(data['problem']).data?.code ?? null,
  }));

/** Names of calendars are people’s own words. */
export const withoutNames = (whole: Verification): Verification => ({
  ...whole,
  checks: whole.checks.map((check) =>
    check.id.startsWith('calendar.') ? { ...check, evidence: null, sentence: null } : check,
  ),
});

const address = /([\w.+%-])[\w.+%-]*(?=@[\w-]+(\.[\w-]+)*\.[a-z]{2,})/gi;

/** Whatever the bundle holds, and whatever it will hold one day: of an address only its beginning and its domain are left. */
export function masked<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replace(address, '$1…') as Value;
  if (Array.isArray(value)) return value.map(masked) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)])) as Value;
}
