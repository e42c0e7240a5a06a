import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#event-sourcing/event-store';
import { alternately, perSecond } from '../measuring/alternate.js';
import { ratio, type Finding } from '../measuring/findings.js';
import type { Stores } from './events.js';
import { newEvent } from './sample-event.js';

const appendsPerWriter = 250;
const streamLength = 10;

type Append = (stream: string, revision: number, event: NewEvent) => Promise<unknown>;

/** Every writer appends to streams of its own, each up to `streamLength` events, always at the expected revision. */
const appends = (writers: number, append: Append) => (): Promise<number> =>
  perSecond(writers * appendsPerWriter, () =>
    Promise.all(
      Array.from({ length: writers }, async () => {
        let stream = '';
        for (let n = 0; n < appendsPerWriter; n++) {
          if (n % streamLength === 0) stream = `mailbox-t1+${randomUUID()}`;
          await append(stream, n % streamLength, newEvent(n));
        }
      }),
    ),
  );

export async function measureAppends(
  { pool, ours, emmetts }: Stores,
  connections: number,
  rounds: number,
): Promise<Finding[]> {
  await pool.query(
    'CREATE TABLE plain (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text, revision int, id uuid, type text, data jsonb, metadata jsonb)',
  );
  const plainInsert: Append = (stream, revision, { metadata, type, data }) =>
    pool.query({
      name: 'plain',
      text: 'INSERT INTO plain (stream, revision, id, type, data, metadata) VALUES ($1, $2, $3, $4, $5, $6)',
      values: [stream, revision, metadata.id, type, JSON.stringify(data), JSON.stringify(metadata)],
    });
  const ourAppend: Append = async (stream, revision, event) => {
    const answer = await ours.append(stream, [event], revision === 0 ? 'no-stream' : revision - 1);
    if (!answer.ok) throw new Error('An append of the benchmark met a conflict.');
  };
  const emmettsAppend: Append = (stream, revision, { type, data, metadata }) =>
    emmetts.appendToStream(stream, [{ type, data, metadata }], {
      expectedStreamVersion: revision === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision),
    });
  const many = await alternately(rounds, '/s', {
    'plain INSERT, 8 at once': appends(connections, plainInsert),
    'append, 8 at once': appends(connections, ourAppend),
    "Emmett's append, 8 at once": appends(connections, emmettsAppend),
  });
  const alone = await alternately(rounds, '/s', {
    'plain INSERT, one by one': appends(1, plainInsert),
    'append, one by one': appends(1, ourAppend),
    "Emmett's append, one by one": appends(1, emmettsAppend),
  });
  const append = many['append, 8 at once'];
  const oneByOne = alone['append, one by one'];
  return [
    ratio('append / plain INSERT, 8 at once', append, many['plain INSERT, 8 at once'], { atLeast: 0.7 }),
    ratio("append / Emmett's, 8 at once", append, many["Emmett's append, 8 at once"], { atLeast: 3 }),
    ratio('append / plain INSERT, one by one', oneByOne, alone['plain INSERT, one by one'], { atLeast: 0.7 }),
    ratio("append / Emmett's, one by one", oneByOne, alone["Emmett's append, one by one"]),
    ...Object.values(many),
    ...Object.values(alone),
  ];
}
