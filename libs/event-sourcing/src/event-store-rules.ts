import type { Bell } from './bell.js';
import type { ExpectedRevision, NewEvent, Position, RecordedEvent } from './event-store.js';
import { parseStreamName } from './stream-name.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What every adapter refuses alike, before it asks its server. */
export function assertAppendable(stream: string, events: NewEvent[], expected: ExpectedRevision): void {
  const { tenantId } = parseStreamName(stream);
  if (events.length === 0) throw new RangeError(`Nothing to append to ${stream}.`);
  if (typeof expected === 'number' && (!Number.isInteger(expected) || expected < 0))
    throw new RangeError(
      `${expected} is not a revision; for a stream that has no events yet say 'no-stream'.`,
    );
  if (new Set(events.map(({ metadata }) => metadata.id)).size < events.length)
    throw new RangeError(`Two events for ${stream} have the same id.`);
  for (const { type, metadata } of events) {
    if (!uuid.test(metadata.id)) throw new RangeError(`${type}: the event id is not a UUID in lower case.`);
    if (metadata.tenantId !== tenantId)
      throw new RangeError(`${type}: an event of another tenant cannot go into ${stream}.`);
  }
}

const pageSize = 500;

/** Catch-up and live are one loop: read a page, hand it over, and when there is none wait for the bell. */
export async function* subscribeByReading(
  readPage: (page: {
    after: Position | null;
    categories?: string[];
    limit: number;
  }) => Promise<RecordedEvent[]>,
  bell: Bell,
  options: { after: Position | null; categories?: string[]; signal: AbortSignal },
): AsyncGenerator<RecordedEvent[]> {
  const { categories, signal } = options;
  const filter = categories ? { categories } : {};
  let after = options.after;
  while (!signal.aborted) {
    const heard = bell.count;
    const page = await readPage({ after, ...filter, limit: pageSize });
    if (signal.aborted) return;
    if (page.length > 0) {
      after = page.at(-1)!.position;
      yield page;
    } else {
      await bell.rungSince(heard, signal);
    }
  }
}
