import type { z } from 'zod';
import type { TenantResetResult } from '#contracts/maintenance';
import type { calendarReset, mailboxReset } from '#contracts/reset';

/** What came of one provider. */
export type Step =
  | ({ product: 'gmail' } & z.infer<typeof mailboxReset>)
  | ({ product: 'calendar' } & z.infer<typeof calendarReset>)
  /** Removed since the reset was asked for. */
  | { product: 'gmail' | 'calendar'; providerId: string; outcome: 'gone' };

type Told = Exclude<Step, { outcome: 'gone' }>;

/** Google ends permissions per account and project: one revocation counts for all that were given to it. */
export function resultOf(steps: Step[]): TenantResetResult {
  const reset = steps.filter((step): step is Told => step.outcome === 'reset');
  const ended = new Set(reset.flatMap(({ permission }) => (permission?.revoked ? [keyOf(permission)] : [])));
  return {
    mailboxes: reset.filter(({ product }) => product === 'gmail').length,
    calendars: reset.filter(({ product }) => product === 'calendar').length,
    leftAlone: steps.filter(({ outcome }) => outcome !== 'reset').map(({ providerId }) => providerId),
    leftAtGoogle: reset.flatMap((step) => {
      const { providerId, permission } = step;
      const lives = permission !== null && !ended.has(keyOf(permission));
      return [
        ...(step.product === 'gmail' && step.watch === 'left'
          ? [{ providerId, what: 'watch' as const }]
          : []),
        ...(step.product === 'calendar' && step.channelsLeft > 0
          ? [{ providerId, what: 'channels' as const }]
          : []),
        ...(lives ? [{ providerId, what: 'permission' as const }] : []),
      ];
    }),
  };
}

const keyOf = ({ account, projectId }: { account: string; projectId: string }): string =>
  JSON.stringify([account.toLowerCase(), projectId]);
