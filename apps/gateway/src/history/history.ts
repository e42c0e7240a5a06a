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
  about: z.enum(['googleApp', 'topic', 'grant', 'mailbox']),
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
  const [mailbox, grant, app, topic] = await Promise.all([
    store.readStream(streamName('mailbox', tenantId, providerId)),
    store.readStream(streamName('grant', tenantId, providerId)),
    store.readStream(streamName('googleApp', tenantId)),
    store.readStream(streamName('topic', tenantId)),
  ]);
  if (mailbox.length + grant.length === 0) return null;
  return told([...app, ...topic, ...grant, ...mailbox]);
}

/** Within a stream by revision; among streams by time, and a cause before what it caused. */
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

// Streams are given in the order of the story, and sorting is stable: it decides among events of the same moment.
const inOrder = (events: RecordedEvent[]): RecordedEvent[] =>
  [...events].sort((a, b) =>
    a.stream === b.stream ? a.revision - b.revision : Date.parse(a.metadata.at) - Date.parse(b.metadata.at),
  );

function sentenceOf({ stream, type, data }: RecordedEvent): string {
  const { category } = parseStreamName(stream);
  const contract = eventContracts.find((one) => one.category === category && one.type === type);
  const parsed = contract?.data.safeParse(data);
  // History is shown whole, also where an event is newer than this version.
  return contract && parsed?.success ? contract.tell(parsed.data) : `${type}.`;
}
