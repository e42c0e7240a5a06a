import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { happening, happeningOf, sentenceOf } from './history.js';
import type { FindEvent } from './causes.js';

export const tenantHappening = happening.extend({
  providerId: z.string().nullable().describe('Of which provider; null where it is about the whole tenant.'),
});
export type TenantHappening = z.infer<typeof tenantHappening>;

/** Which happenings are wished for. Times are ISO. */
export interface HistoryFilter {
  type?: string | undefined;
  about?: string | undefined;
  by?: string | undefined;
  providerId?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
}

interface Place {
  ordinal: string;
  stream: string;
  revision: number;
}

/** The latest page of what happened in a tenant, newest last. `earlier` asks for the page before; null at the beginning. */
export async function tenantHistory(
  { database, store }: { database: DataSource; store: EventStore },
  tenantId: string,
  { type, about, by, providerId, from, until }: HistoryFilter,
  page: { limit: number; before?: number | undefined },
): Promise<{ history: TenantHappening[]; earlier: number | null }> {
  const found: Place[] = await database.query(
    `SELECT ordinal, stream, revision FROM history_index
      WHERE tenant_id = $1 AND ($2::bigint IS NULL OR ordinal < $2)
        AND ($3::text IS NULL OR type = $3) AND ($4::text IS NULL OR about = $4)
        AND ($5::text IS NULL OR by = $5) AND ($6::text IS NULL OR provider_id = $6)
        AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
      ORDER BY ordinal DESC LIMIT $9`,
    [tenantId, page.before, type, about, by, providerId, from, until, page.limit + 1],
  );
  const places = found.slice(0, page.limit).reverse();
  const events = await eventsAt(store, places);
  const sentences = await sentencesOf(
    events.map(({ metadata }) => metadata.causationId),
    tenantId,
    { database, store },
  );
  return {
    history: events.map((event) => toldOfTenant(event, sentences.get(event.metadata.causationId) ?? null)),
    earlier: found.length > page.limit ? Number(places[0]!.ordinal) : null,
  };
}

export const toldOfTenant = (event: RecordedEvent, causedBy: string | null): TenantHappening => ({
  ...happeningOf(event, causedBy),
  providerId: parseStreamName(event.stream).id ?? null,
});

async function sentencesOf(
  ids: string[],
  tenantId: string,
  { database, store }: { database: DataSource; store: EventStore },
): Promise<Map<string, string>> {
  const places: Place[] = await database.query(
    'SELECT ordinal, stream, revision FROM history_index WHERE tenant_id = $1 AND event_id = ANY($2) ORDER BY ordinal',
    [tenantId, [...new Set(ids)]],
  );
  const events = await eventsAt(store, places);
  return new Map(events.map((event) => [event.metadata.id, sentenceOf(event)]));
}

/** All events of a tenant in the order in which they were stored, page by page. */
export async function* eventsOfTenant(
  { database, store }: { database: DataSource; store: Pick<EventStore, 'readStream'> },
  tenantId: string,
  pageSize = 500,
): AsyncGenerator<RecordedEvent[]> {
  for (let after = 0; ;) {
    const places: Place[] = await database.query(
      'SELECT ordinal, stream, revision FROM history_index WHERE tenant_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3',
      [tenantId, after, pageSize],
    );
    if (places.length === 0) return;
    yield await eventsAt(store, places);
    after = Number(places.at(-1)!.ordinal);
  }
}

/** In the order of the places; neighbours in a stream are read at once. */
async function eventsAt(store: Pick<EventStore, 'readStream'>, places: Place[]): Promise<RecordedEvent[]> {
  const found = new Map<string, RecordedEvent>();
  const runs: { stream: string; fromRevision: number; limit: number }[] = [];
  for (const [stream, inStream] of Map.groupBy(places, ({ stream }) => stream)) {
    for (const { revision } of inStream.toSorted((a, b) => a.revision - b.revision)) {
      const run = runs.at(-1);
      if (run?.stream === stream && run.fromRevision + run.limit === revision) run.limit += 1;
      else runs.push({ stream, fromRevision: revision, limit: 1 });
    }
  }
  const readers = runs.values();
  const read = async (): Promise<void> => {
    for (const { stream, ...range } of readers)
      for (const event of await store.readStream(stream, range))
        found.set(`${stream} ${event.revision}`, event);
  };
  await Promise.all(Array.from({ length: Math.min(runs.length, 8) }, read));
  return places.flatMap(({ stream, revision }) => found.get(`${stream} ${revision}`) ?? []);
}

/** Looks among what is at hand, then in the tenant's other streams; each of those is read once. */
export function finding(
  { database, store }: { database: DataSource; store: EventStore },
  tenantId: string,
  atHand: RecordedEvent[],
): FindEvent {
  const known = new Map(atHand.map((event) => [event.metadata.id, event]));
  return async (id) => {
    const there = known.get(id);
    if (there) return there;
    const [place]: Place[] = await database.query(
      'SELECT ordinal, stream, revision FROM history_index WHERE tenant_id = $1 AND event_id = $2',
      [tenantId, id],
    );
    if (!place) return null;
    for (const event of await store.readStream(place.stream)) known.set(event.metadata.id, event);
    return known.get(id) ?? null;
  };
}
