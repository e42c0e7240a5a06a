import { z } from 'zod';
import { eventContracts } from '#contracts/registry';
import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName, streamName } from '#event-sourcing/stream-name';

/** What happened, as people read it. The data of events holds no secret, so neither does this. */
export const happening = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  type: z.string(),
  sentence: z.string().describe('What happened, in plain words.'),
  by: z.string().describe('Who, or which timer.'),
  about: z.enum(['googleApp', 'topic', 'grant', 'mailbox', 'calendar', 'tenantReset']),
  correlationId: z.string().describe('The same for everything that follows from one request.'),
  causationId: z.string().describe('The id of the request or of the event that led directly to it.'),
  causedBy: z.string().nullable().describe('The sentence of that event, if it is in this history.'),
  data: z.record(z.string(), z.unknown()),
});
export type Happening = z.infer<typeof happening>;

/** All events that concern a provider, oldest first: its own, and those of the tenant's app and topic. */
export async function historyOf(
  store: EventStore,
  tenantId: string,
  providerId: string,
): Promise<Happening[] | null> {
  const [mailbox, grant, app, topic, resets] = await Promise.all([
    store.readStream(streamName('mailbox', tenantId, providerId)),
    store.readStream(streamName('grant', tenantId, providerId)),
    store.readStream(streamName('googleApp', tenantId)),
    store.readStream(streamName('topic', tenantId)),
    store.readStream(streamName('tenantReset', tenantId)),
  ]);
  if (mailbox.length + grant.length === 0) return null;
  return told([...app, ...topic, ...mailbox, ...grant, ...resets]);
}

/** The same of a calendar provider. */
export async function historyOfCalendars(
  store: EventStore,
  tenantId: string,
  providerId: string,
): Promise<Happening[] | null> {
  const [calendar, grant, app, resets] = await Promise.all([
    store.readStream(streamName('calendar', tenantId, providerId)),
    store.readStream(streamName('grant', tenantId, providerId)),
    store.readStream(streamName('googleApp', tenantId)),
    store.readStream(streamName('tenantReset', tenantId)),
  ]);
  return calendar.length === 0 ? null : told([...app, ...calendar, ...grant, ...resets]);
}

/** As one story, oldest first. */
export function told(events: RecordedEvent[]): Happening[] {
  const sentences = new Map(events.map((event) => [event.metadata.id, sentenceOf(event)]));
  return inOrder(events).map((event) => {
    const { id, at, by, correlationId, causationId } = event.metadata;
    return {
      id,
      at,
      type: event.type,
      sentence: sentences.get(id)!,
      by,
      about: parseStreamName(event.stream).category as Happening['about'],
      correlationId,
      causationId,
      causedBy: sentences.get(causationId) ?? null,
      data: event.data,
    };
  });
}

/**
 * Streams flow together by the time of their next events. Sorting all by time would be no order at all where the clocks of
 * two replicas differ: within a stream the revision alone decides.
 */
function inOrder(events: RecordedEvent[]): RecordedEvent[] {
  const streams = [...Map.groupBy(events, ({ stream }) => stream).values()].map((ofStream) =>
    ofStream.toSorted((a, b) => a.revision - b.revision),
  );
  const merged: RecordedEvent[] = [];
  for (;;) {
    const next = streams.filter((stream) => stream.length > 0).reduce(earlier, undefined);
    if (!next) return merged;
    merged.push(next.shift()!);
  }
}

const earlier = (found: RecordedEvent[] | undefined, other: RecordedEvent[]): RecordedEvent[] =>
  found && Date.parse(found[0]!.metadata.at) <= Date.parse(other[0]!.metadata.at) ? found : other;

function sentenceOf({ stream, type, data }: RecordedEvent): string {
  const { category } = parseStreamName(stream);
  const contract = eventContracts.find((one) => one.category === category && one.type === type);
  const parsed = contract?.data.safeParse(data);
  // History is shown whole, also where an event is newer than this version.
  return contract && parsed?.success ? contract.tell(parsed.data) : `${type}.`;
}
