import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Head } from '#event-sourcing/chain/chain-check';
import { keyId, readSignedHeads, signHeads } from '#event-sourcing/chain/signed-heads';
import type { Position } from '#event-sourcing/event-store';
import type { Composition, KeptEvents, Means, Worker } from '#hosting/service';
import { minutes } from '#time/clock';
import { nextLook } from '#time/next-look';
import { fingerprintOf, keepSignedList, signedListOf } from './signed-heads-table.js';

export type SigningMeans = Pick<Means, 'database' | 'keptEvents' | 'locks' | 'clock' | 'logger'>;

const lookEveryMs = minutes(1);
const pageSize = 1_000;

/** Signs the heads of all streams once a day, or says once that it cannot. */
export function signing(
  means: SigningMeans,
  key: KeyObject | undefined,
): Required<Pick<Composition, 'workers' | 'notes'>> {
  if (!key) {
    const notice =
      'The heads of the history are not signed, because AUDIT_SIGNING_KEY is not set; "npm run audit -- make-key" makes a key.';
    means.logger.info(notice);
    return { workers: [], notes: () => Promise.resolve([notice]) };
  }
  return {
    workers: [signHeadsDaily(means, key)],
    notes: async () => {
      const latest = await signedListOf(queryOf(means), null);
      return latest
        ? [`The heads of the history were signed last at ${latest.at.toISOString()}, with key ${latest.kid}.`]
        : ['The heads of the history were not signed yet.'];
    },
  };
}

/** Over all replicas one list per day of UTC; days on which nothing ran have none. */
const signHeadsDaily = (means: SigningMeans, key: KeyObject): Worker => ({
  name: 'maintenance.sign-heads',
  async run(signal) {
    while (!signal.aborted) {
      await means.locks
        .exclusively('maintenance.sign-heads', () => signToday(means, key, signal), { wait: false })
        .catch((error: unknown) =>
          means.logger.warn({ err: error }, 'the heads of the history cannot be signed; it is tried again'),
        );
      await nextLook(means.clock, lookEveryMs, signal);
    }
  },
});

async function signToday(means: SigningMeans, key: KeyObject, signal: AbortSignal): Promise<void> {
  const query = queryOf(means);
  const now = means.clock.now();
  const day = now.toISOString().slice(0, 10);
  const signed = await query('SELECT 1 FROM signed_heads WHERE day = $1', [day]);
  if (signed.length > 0 || signal.aborted) return;
  const found = await headsSince(await lastHeads(means, key), means.keptEvents, signal);
  if (!found) return;
  const { position, heads } = found;
  const list = await signHeads([...heads.values()], now, key);
  const kid = keyId(key);
  if (!(await keepSignedList(query, { day, at: now, kid, position, list }))) return;
  // What leaves the machine with the logs is enough to recognise the list, however it is kept.
  means.logger.info(
    { day, kid, heads: heads.size, sha256: fingerprintOf(list) },
    'the heads of the history were signed',
  );
}

interface KnownHeads {
  position: Position | null;
  heads: Map<string, Head>;
}

/** Those of the latest list, as far as it was signed with this key and nobody changed it since: otherwise all events are read again. */
async function lastHeads(means: SigningMeans, key: KeyObject): Promise<KnownHeads> {
  const nothing = { position: null, heads: new Map<string, Head>() };
  const latest = await signedListOf(queryOf(means), null);
  if (!latest || latest.kid !== keyId(key)) return nothing;
  try {
    const { heads } = await readSignedHeads(latest.list, createPublicKey(key));
    return { position: latest.position, heads: new Map(heads.map((head) => [head.stream, head])) };
  } catch (error) {
    means.logger.error(
      { day: latest.day, err: error },
      'a signed list of heads was changed where it is kept',
    );
    return nothing;
  }
}

async function headsSince(
  { position, heads }: KnownHeads,
  events: KeptEvents,
  signal: AbortSignal,
): Promise<KnownHeads | null> {
  for (let after = position; ;) {
    if (signal.aborted) return null;
    const page = await events.readAll({ after, limit: pageSize });
    for (const { stream, revision, metadata } of page)
      if (metadata.hash !== undefined) heads.set(stream, { stream, revision, hash: metadata.hash });
    if (page.length === 0) return { position: after, heads };
    after = page.at(-1)!.position;
  }
}

const queryOf =
  ({ database }: Pick<Means, 'database'>) =>
  <Row>(sql: string, values: unknown[]): Promise<Row[]> =>
    database.query(sql, values);
