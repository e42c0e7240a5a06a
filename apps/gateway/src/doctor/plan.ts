import { checks, type CheckId } from '#contracts/checks';
import type { VerificationPlan } from './verification.js';

/** What is verified: the tenant's setup, or one provider with all that it stands on. */
export type Subject =
  { kind: 'config'; providerId: null } | { kind: 'gmail' | 'calendar'; providerId: string };

/** What a subject stands on, by the beginnings of ids. */
const families: Record<Subject['kind'], readonly string[]> = {
  config: [
    'base-url',
    'config.',
    'gmail-client.',
    'calendar-client.',
    'key.',
    'project.',
    'permission.',
    'pubsub.',
    'consent.',
  ],
  gmail: [
    'base-url',
    'config.',
    'gmail-client.',
    'key.',
    'project.number',
    'project.pubsub-api',
    'project.gmail-api',
    'permission.',
    'pubsub.',
    'consent.',
    'grant.',
    'mailbox.',
  ],
  calendar: [
    'base-url',
    'config.',
    'calendar-client.',
    'project.calendar-api',
    'consent.',
    'grant.',
    'calendar.',
  ],
};

/** The checks of a verification, in the order in which they are shown. */
export const checksOf = ({ kind }: Subject): CheckId[] =>
  (Object.keys(checks) as CheckId[]).filter((id) => families[kind].some((family) => id.startsWith(family)));

export const planOf = (id: string, subject: Subject): VerificationPlan => ({
  id,
  checks: checksOf(subject).map((check) => ({ id: check, title: checks[check].title })),
});
