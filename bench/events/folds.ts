import { alternately, perSecond } from '../measuring/alternate.js';
import { ratio, type Finding } from '../measuring/findings.js';
import type { Stores } from './events.js';
import { newEvent } from './sample-event.js';

const stream = 'mailbox-t1+long';
const foldLength = 1_000;
const folds = 40;
const pageSize = 100;

const evolve = (sum: number, event: { data: Record<string, unknown> }): number => sum + Number(event.data.n);

/** A long stream, read and folded. */
export async function measureFolds({ pool, ours, emmetts }: Stores, rounds: number): Promise<Finding[]> {
  for (let n = 0; n < foldLength; n += pageSize) {
    const events = Array.from({ length: pageSize }, (_, index) => newEvent(n + index));
    await ours.append(stream, events, 'any');
    const theirs = events.map(({ type, data, metadata }) => ({ type, data, metadata }));
    await emmetts.appendToStream(stream, theirs);
  }
  const fold = (read: () => Promise<unknown>) => (): Promise<number> =>
    perSecond(folds * foldLength, async () => {
      for (let n = 0; n < folds; n++) await read();
    });
  const read = await alternately(rounds, '/s', {
    'fold of 1,000, plain SELECT': fold(async () => {
      const text =
        'SELECT stream, revision, id, type, data, metadata, tx_order, seq FROM events.events WHERE stream = $1 ORDER BY revision';
      const { rows } = await pool.query<{ data: { n: number } }>({ name: 'fold', text, values: [stream] });
      return rows.reduce(evolve, 0);
    }),
    'fold of 1,000': fold(async () => (await ours.readStream(stream)).reduce(evolve, 0)),
    "fold of 1,000, Emmett's": fold(() =>
      emmetts.aggregateStream(stream, {
        initialState: () => 0,
        evolve: (sum: number, event: unknown) => evolve(sum, event as never),
      }),
    ),
  });
  const folded = read['fold of 1,000'];
  return [
    ratio('fold / plain SELECT', folded, read['fold of 1,000, plain SELECT']),
    ratio("fold / Emmett's", folded, read["fold of 1,000, Emmett's"]),
    ...Object.values(read),
  ];
}
