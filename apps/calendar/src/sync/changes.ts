import { days } from '#time/clock';
import type { ListedEvent } from './read-event.js';
import type { SeenEvent } from './seen-event.js';

/** What consumers are to be told, in this order. */
export type Change =
  | { kind: 'created' | 'updated'; listed: ListedEvent & { present: NonNullable<ListedEvent['present']> } }
  | {
      kind: 'deleted';
      eventId: string;
      etag: string | null;
      seriesMasterId: string | null;
      originalStart: SeenEvent['originalStart'];
      changedAt: string | null;
    };

export interface Changes {
  changes: Change[];
  /** Told as of now, or known under another etag without a change. */
  seen: SeenEvent[];
  /** Ids that nothing more needs to be known of. */
  forgotten: string[];
}

/**
 * What Google lists, compared with what consumers were told. `seen` holds every listed event that was seen, the masters of listed
 * instances, and the instances of listed masters that are gone. An event that was never told and was over before `windowStart`
 * is left out; of one that was told, every change is.
 */
export function changesAmong(
  listed: ListedEvent[],
  seen: Map<string, SeenEvent>,
  { windowStart }: { windowStart: Date },
): Changes {
  const known = new Map(seen);
  const touched = new Set<string>();
  const changes: Change[] = [];

  const tellDeleted = (gone: SeenEvent, { etag, changedAt }: Partial<ListedEvent>): void => {
    const { eventId, seriesMasterId, originalStart } = gone;
    changes.push({
      kind: 'deleted',
      eventId,
      etag: etag ?? null,
      seriesMasterId,
      originalStart,
      changedAt: changedAt ?? null,
    });
  };

  const put = (event: SeenEvent): void => {
    known.set(event.eventId, event);
    touched.add(event.eventId);
  };
  const forget = ({ eventId }: SeenEvent): void => {
    known.delete(eventId);
    touched.add(eventId);
  };

  const gone = (tombstone: ListedEvent): void => {
    const before = known.get(tombstone.eventId);
    const seriesMasterId = tombstone.seriesMasterId ?? before?.seriesMasterId ?? null;
    if (seriesMasterId !== null && known.has(seriesMasterId)) {
      const originalStart = tombstone.originalStart ?? before?.originalStart ?? null;
      const instance = seenOf({ ...tombstone, seriesMasterId, originalStart });
      if (!before?.cancelled) tellDeleted(instance, tombstone);
      put(instance);
      return;
    }
    for (const instance of instancesOf(tombstone.eventId, known)) {
      if (!instance.cancelled) tellDeleted(instance, {});
      forget(instance);
    }
    if (!before) return;
    if (!before.cancelled) tellDeleted(before, tombstone);
    forget(before);
  };

  for (const event of inOrder(listed)) {
    const { present } = event;
    if (!present) {
      gone(event);
      continue;
    }
    const before = known.get(event.eventId);
    if (!before && event.endsAt && event.endsAt <= windowStart) continue;
    const after = seenOf(event);
    if (before && !before.cancelled && isSame(before, after)) {
      if (before.etag !== after.etag) put(after);
      continue;
    }
    const kind = before && !before.cancelled ? 'updated' : 'created';
    changes.push({ kind, listed: { ...event, present } });
    put(after);
  }

  const still = [...touched].flatMap((id) => known.get(id) ?? []);
  return { changes, seen: still, forgotten: [...touched].filter((id) => !known.has(id) && seen.has(id)) };
}

/** Masters before their instances, so that an instance is told after its series; the later of two readings of one event. */
function inOrder(listed: ListedEvent[]): ListedEvent[] {
  const latest = [...new Map(listed.map((event) => [event.eventId, event])).values()];
  return [
    ...latest.filter(({ seriesMasterId }) => seriesMasterId === null),
    ...latest.filter(({ seriesMasterId }) => seriesMasterId !== null),
  ];
}

const instancesOf = (masterId: string, known: Map<string, SeenEvent>): SeenEvent[] =>
  [...known.values()].filter(({ seriesMasterId }) => seriesMasterId === masterId);

/** By Google's version; where there is none, by what is told of it. */
const isSame = (before: SeenEvent, after: SeenEvent): boolean =>
  before.etag !== null && after.etag !== null
    ? before.etag === after.etag
    : before.contentHash === after.contentHash;

const seenOf = (event: ListedEvent): SeenEvent => ({
  eventId: event.eventId,
  cancelled: event.present === null,
  etag: event.etag,
  contentHash: event.present?.contentHash ?? null,
  seriesMasterId: event.seriesMasterId,
  originalStart: event.originalStart,
  recurring: event.recurring,
  endsAt: event.endsAt,
});

/** Days end at other times elsewhere. */
const margin = days(2);

/** Seen events that a complete list does not name. */
export interface Missing {
  /** Gone for certain. */
  gone: SeenEvent[];
  /** Over before the list begins, or a series or part of one, which the list may leave out for other reasons: only Google can tell. */
  toAsk: SeenEvent[];
}

export function missingAmong(
  seen: SeenEvent[],
  listedIds: Set<string>,
  { windowStart }: { windowStart: Date },
): Missing {
  const missing = seen.filter(({ eventId }) => !listedIds.has(eventId));
  const surely = windowStart.getTime() + margin;
  const isCertain = ({ seriesMasterId, recurring, endsAt }: SeenEvent): boolean =>
    seriesMasterId === null && !recurring && endsAt !== null && endsAt.getTime() > surely;
  return {
    gone: missing.filter(isCertain),
    toAsk: missing.filter((event) => !isCertain(event)),
  };
}

/** As Google would list the deletion of an event. */
export const tombstoneOf = ({ eventId, seriesMasterId, originalStart }: SeenEvent): ListedEvent => ({
  eventId,
  etag: null,
  seriesMasterId,
  originalStart,
  recurring: false,
  endsAt: null,
  changedAt: null,
  present: null,
});
