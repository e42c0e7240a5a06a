import { hours, minutes } from '#time/clock';

/**
 * Trouble that heals by itself is a notice while nobody is worse off for waiting, and an error from its deadline on. A deadline that is
 * an instant, the end of a watch or channel, counts before it comes.
 */

/** Mail and changes wait at Google, and are kept there for a week and longer; but so late somebody has to know that they stand still. */
export const patienceWithReadingTrouble = hours(2);
/** On the way to the first watch somebody is waiting for the result. */
export const patienceWithSetupTrouble = minutes(30);
/** A fresh grant to publish takes Google some minutes to act on. */
export const patienceWithPublisherGrant = minutes(10);
/** Topic, watch and channels follow a permission or a choice within seconds, or their failure is told. */
export const patienceWithSetup = minutes(15);
/** Everything is read every ten to fifteen minutes, also without a notification: after so long, whoever reads stands still. */
export const patienceWithReading = minutes(45);
/** Google notifies at once when a watch is begun or renewed. */
export const patienceWithPushes = minutes(30);

const leftAtLeast = hours(48);

/** When a watch or channel that is renewed long before its end has so little left that somebody has to know, while there is still time. */
const endsSoonAt = ({ from, expiresAt }: { from: string; expiresAt: string }): number => {
  const end = Date.parse(expiresAt);
  return end - Math.min(leftAtLeast, (end - Date.parse(from)) / 3);
};

export const endsSoon = (life: { from: string; expiresAt: string }, now: Date): boolean =>
  now.getTime() >= endsSoonAt(life);

/** Those moments of all watches and channels in what is known of a provider, for whoever has to look again then. */
export function endsSoonMoments(facets: unknown): number[] {
  if (typeof facets !== 'object' || facets === null) return [];
  const { expiresAt, renewedAt, openedAt } = facets as Record<string, unknown>;
  const from = renewedAt ?? openedAt;
  const own =
    typeof expiresAt === 'string' && typeof from === 'string'
      ? [Math.ceil(endsSoonAt({ from, expiresAt }))]
      : [];
  return [...own, ...Object.values(facets).flatMap(endsSoonMoments)];
}
