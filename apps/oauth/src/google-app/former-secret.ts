import { z } from 'zod';
import { formerClientSecretKeys } from '#secrets/secret-keys';
import type { SecretChanges } from '#secrets/secrets-provider';
import { hours } from '#time/clock';
import type { Pair, StoredApp } from './stored-app.js';

/** Whose secret: Gmail's pair, which Calendar may share, or Calendar's own. */
export type PairName = keyof typeof formerClientSecretKeys;
export const pairNames = Object.keys(formerClientSecretKeys) as PairName[];

const shape = z.object({ clientId: z.string(), clientSecret: z.string(), until: z.iso.datetime() });

/** The secret that was replaced, kept beside the new one until Google has surely spread it. */
export type FormerSecret = z.infer<typeof shape>;
export type FormerSecrets = Record<PairName, FormerSecret | null>;

/** Google speaks of five minutes to a few hours. Long enough for that, and for somebody to see that the new one is wrong. */
const keptForMs = hours(24);

/** Null unless it may stand in for the pair's present secret now. */
export function readFormerSecret(text: string | undefined, pair: Pair, now: Date): FormerSecret | null {
  const former = parsed(text);
  const usable = former?.clientId === pair.clientId && former.clientSecret !== pair.clientSecret;
  return former && usable && Date.parse(former.until) > now.getTime() ? former : null;
}

function parsed(text: string | undefined): FormerSecret | null {
  try {
    return text === undefined ? null : (shape.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

/** Which secrets stand in for new ones after a change. `accepted`: the pairs whose present secret Google is known to have taken. */
export function formerSecretsAfter(
  before: StoredApp,
  after: StoredApp,
  accepted: ReadonlySet<PairName>,
  now: Date,
): FormerSecrets {
  const of = (name: PairName, from: Pair, to: Pair): FormerSecret | null => {
    const held = before.former[name];
    if (to.clientId === null || to.clientId !== from.clientId || to.clientSecret === null) return null;
    if (to.clientSecret === from.clientSecret) return held;
    // One that never worked, such as a wrong paste, does not take the place of the one that did.
    const worked = held && !accepted.has(name) ? held.clientSecret : from.clientSecret;
    if (worked === null || worked === to.clientSecret) return null;
    const until = new Date(now.getTime() + keptForMs).toISOString();
    return { clientId: to.clientId, clientSecret: worked, until };
  };
  return {
    gmail: of('gmail', before.gmail, after.gmail),
    calendar: of('calendar', before.ownCalendar, after.ownCalendar),
  };
}

export const formerSecretChanges = (former: FormerSecrets): SecretChanges =>
  Object.fromEntries(
    pairNames.map((name) => {
      const kept = former[name];
      return [formerClientSecretKeys[name], kept && JSON.stringify(kept)];
    }),
  );
