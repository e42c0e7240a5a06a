import { days, hours } from '#time/clock';
import type { ReadingMeans } from './reading-means.js';

/** Far longer than Google keeps a history or a search goes back: a message that gets a label after this long counts as new. */
const remembered = days(400);
const every = hours(1);
const atATime = 10_000;

/** Keeps the record of seen messages from growing for ever. */
export async function forgetWhatIsLongSeen(
  { database, clock, logger }: Pick<ReadingMeans, 'database' | 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const before = new Date(clock.now().getTime() - remembered);
      for (let forgotten = atATime; forgotten === atATime && !signal.aborted;) {
        const [, deleted]: [unknown, number] = await database.query(
          `DELETE FROM seen_messages WHERE (tenant_id, provider_id, gmail_id) IN
             (SELECT tenant_id, provider_id, gmail_id FROM seen_messages WHERE seen_at < $1 LIMIT ${atATime})`,
          [before],
        );
        forgotten = deleted;
      }
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'old records of seen messages could not be removed');
    }
    await untilAborted(signal, every);
  }
}

const untilAborted = (signal: AbortSignal, atMost: number): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, atMost);
    signal.addEventListener('abort', done);
  });
