import { z } from 'zod';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { happening, happeningOf } from './history.js';

/** One step of the way back. The same happening again and again, such as a daily renewal, is one step. */
export const cause = happening.omit({ data: true, causedBy: true }).extend({
  providerId: z.string().nullable().describe('Of which provider; null where it is about the whole tenant.'),
  followed: z.string().describe('How it came from what is told next.'),
  times: z.number().int().describe('How often the same had happened in a row; `at` is the latest time.'),
  firstAt: z.iso.datetime().describe('When the first of them was.'),
});
export type Cause = z.infer<typeof cause>;

export const causeChain = z.object({
  causes: z.array(cause).describe('The happening itself, then what led to it, back to the beginning.'),
  began: z
    .object({
      sentence: z.string(),
      by: z.string(),
      requestId: z.string().describe('The id of the request with which it began.'),
      correlationId: z.string().describe('As in the answer to that request, and in the logs.'),
    })
    .describe('The person, follow-up or timer with whom it began, as far as is known.'),
});
export type CauseChain = z.infer<typeof causeChain>;

/** Finds an event of the tenant by its id; null for an id of something else, such as a request. */
export type FindEvent = (id: string) => Promise<RecordedEvent | null>;

/** Why something happened: back from event to event until an id that is none, which is the request that began it all. */
export async function causesOf(event: RecordedEvent, find: FindEvent): Promise<CauseChain> {
  const way = [event];
  const seen = new Set([event.metadata.id]);
  for (let last = event; ;) {
    const { causationId } = last.metadata;
    const before = seen.has(causationId) ? null : await find(causationId);
    if (!before) return { causes: steps(way), began: beginningOf(last) };
    seen.add(causationId);
    way.push(before);
    last = before;
  }
}

function steps(way: RecordedEvent[]): Cause[] {
  const found: Cause[] = [];
  let latest: RecordedEvent | undefined;
  for (const event of way) {
    const same = latest?.stream === event.stream && latest.type === event.type;
    latest = event;
    if (!same) found.push(stepOf(event));
    else {
      const run = found.at(-1)!;
      run.times += 1;
      run.firstAt = event.metadata.at;
      run.followed = followed(event.metadata.by);
    }
  }
  return found;
}

function stepOf(event: RecordedEvent): Cause {
  const { data: _, causedBy: __, ...told } = happeningOf(event, null);
  const providerId = parseStreamName(event.stream).id ?? null;
  return { ...told, providerId, followed: followed(told.by), times: 1, firstAt: told.at };
}

const timer = /^timer:(?<command>\w+)$/;
/** What works by itself is called after its service. */
const byItself = /^(gateway|oauth|gmail|calendar|maintenance)\.[a-z-]+$/;

function followed(by: string): string {
  const command = timer.exec(by)?.groups?.['command'];
  if (command) return `The timer asked for ${command}, because it had been set by this:`;
  if (byItself.test(by)) return `${by} acted by itself, because of this:`;
  return `${by} asked for it.`;
}

function beginningOf({ metadata }: RecordedEvent): CauseChain['began'] {
  const { by, causationId: requestId, correlationId } = metadata;
  const command = timer.exec(by)?.groups?.['command'];
  const sentence = command
    ? `It began with the timer, which asked for ${command}.`
    : byItself.test(by)
      ? `It began with ${by}, which works by itself.`
      : `It began with a request by ${by}.`;
  return { sentence, by, requestId, correlationId };
}
