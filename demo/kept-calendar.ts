import { isDeepStrictEqual } from 'node:util';
import type { CalendarEventChanged } from '#contracts/calendar-event';
import type { EventResource } from '#google-simulator/calendar/calendar-client';
import type { CalendarUser } from './calendar-user.js';
import { check, CheckFailed } from './report.js';
import { seconds } from '#time/clock';

type Kind = 'created' | 'updated' | 'deleted';

/** A change that was made in Google and is to be delivered. Google dates deletions by no version that a state would show. */
interface Made {
  eventId: string;
  kind: Kind;
  etag: string | null;
}

const isThere = (event: EventResource | undefined): event is EventResource =>
  event !== undefined && event['status'] !== 'cancelled';

/**
 * A calendar that is kept, and the book of what was changed in it: read off Google's own state before and after, so that nothing of what is
 * checked has a part in it. Between two readings of a book an event is changed at most once, as only what it has become is delivered.
 */
export class KeptCalendar {
  private readonly made: Made[] = [];
  private before = new Map<string, EventResource>();

  constructor(
    readonly user: CalendarUser,
    readonly name: string,
    readonly calendarId: string,
  ) {}

  get google() {
    return this.user.tenant.stage.google.calendar;
  }

  get changesMade(): number {
    return this.made.length;
  }

  /** Notes what somebody has changed in Google meanwhile. */
  async noteChanges(): Promise<void> {
    const after = new Map((await this.google.state(this.calendarId)).map((event) => [event.id, event]));
    for (const eventId of new Set([...this.before.keys(), ...after.keys()])) {
      const [old, now] = [this.before.get(eventId), after.get(eventId)];
      if (isThere(now) && !isThere(old)) this.made.push({ eventId, kind: 'created', etag: now.etag });
      else if (isThere(now) && old!.etag !== now.etag)
        this.made.push({ eventId, kind: 'updated', etag: now.etag });
      // An instance that was cancelled before anything was told of it is told as deleted, too.
      else if (!isThere(now) && (isThere(old) || (now !== undefined && old === undefined)))
        this.made.push({ eventId, kind: 'deleted', etag: null });
    }
    this.before = after;
  }

  /** Somebody does something in Google; what that changed is noted. */
  async changed<Answer>(edit: () => Promise<Answer>): Promise<Answer> {
    const answer = await edit();
    await this.noteChanges();
    return answer;
  }

  /** Somebody does it, and all that was changed so far is delivered. */
  async delivers<Answer>(edit: () => Promise<Answer>): Promise<Answer> {
    const answer = await this.changed(edit);
    await this.delivered();
    return answer;
  }

  get deliveries(): CalendarEventChanged[] {
    return this.user.tenant.stage.psa.calendarChangesOf(this.user.providerId, this.calendarId);
  }

  get isDelivered(): boolean {
    return this.deliveries.length >= this.made.length;
  }

  async delivered(): Promise<void> {
    await this.user.tenant.stage.psa.changes.until(
      `${this.made.length} changes of ${this.name} are delivered`,
      () => this.isDelivered,
      () =>
        `${this.deliveries.length} were; the last: ${JSON.stringify(this.deliveries.at(-1))?.slice(0, 300)}`,
    );
    this.checkExactlyOnceInOrder();
  }

  /** For what is tried again, or compared later: time passes, a little at a time, until it has come. */
  async deliveredInTime(): Promise<void> {
    const { stage } = this.user.tenant;
    for (let attempts = 0; !this.isDelivered && attempts < 20; attempts += 1) {
      await stage.pass(seconds(20));
      await stage.psa.changes
        .until(
          'something came',
          () => this.isDelivered,
          () => '',
          250,
        )
        .catch(() => {});
    }
    await this.delivered();
  }

  /** @throws CheckFailed with the first event whose deliveries are not what was done to it */
  checkExactlyOnceInOrder(): void {
    const wanted = Map.groupBy(this.made, ({ eventId }) => eventId);
    const came = Map.groupBy(this.deliveries, ({ eventId }) => eventId);
    for (const eventId of new Set([...wanted.keys(), ...came.keys()])) {
      const done = (wanted.get(eventId) ?? []).map(({ kind, etag }) => `${kind} ${etag ?? ''}`);
      const told = (came.get(eventId) ?? []).map(({ type, etag }) => {
        const kind = type.split('.')[1]!;
        return `${kind} ${kind === 'deleted' ? '' : etag}`;
      });
      if (!isDeepStrictEqual(told, done))
        throw new CheckFailed(
          `Not so: ${eventId} of ${this.name} came as it was changed: ${JSON.stringify({ done, told })}`,
        );
    }
    const sequences = this.deliveries.map(({ sequence }) => sequence);
    check(
      sequences.every((sequence, index) => index === 0 || sequence > sequences[index - 1]!),
      `the deliveries of ${this.name} came in order`,
      sequences,
    );
  }

  /** What the PSA makes of the deliveries, held against Google's own state. */
  async checkRebuilt(): Promise<{ events: number; cancelled: number }> {
    const { events, cancelled } = rebuilt(this.deliveries);
    const state = await this.google.state(this.calendarId);
    const there = state.filter(isThere);
    const comparable = new Map(there.map((event) => [event.id, asGoogleHasIt(event)]));
    for (const id of new Set([...events.keys(), ...comparable.keys()]))
      check(
        isDeepStrictEqual(events.get(id), comparable.get(id)),
        `${id} of ${this.name} is rebuilt as Google has it`,
        { rebuilt: events.get(id) ?? null, google: comparable.get(id) ?? null },
      );
    const empty = state.filter((event) => !isThere(event)).map(({ id }) => id);
    check(isDeepStrictEqual([...cancelled].sort(), empty.sort()), 'the same instances do not take place', [
      [...cancelled],
      empty,
    ]);
    return { events: events.size, cancelled: cancelled.size };
  }
}

const asGoogleHasIt = (event: EventResource) => ({
  etag: event.etag,
  title: event['summary'] ?? '',
  start: event['start'],
  end: event['end'],
  location: event['location'],
  description: event['description'],
  recurrence: event['recurrence'] ?? [],
  updated: event['updated'],
  seriesMasterId: event['recurringEventId'] ?? null,
  originalStart: event['originalStartTime'] ?? null,
});

/** Events that take place, and instances of them that do not. */
function rebuilt(deliveries: CalendarEventChanged[]) {
  const events = new Map<string, ReturnType<typeof asGoogleHasIt>>();
  const masterOfCancelled = new Map<string, string>();
  for (const { eventId, etag, event, seriesMasterId, originalStart } of deliveries) {
    masterOfCancelled.delete(eventId);
    if (event) {
      const { title, start, end, location, description, recurrence, updated } = event;
      const facts = { title, start, end, location, description, recurrence, updated };
      events.set(eventId, { etag: etag!, ...facts, seriesMasterId, originalStart });
      continue;
    }
    events.delete(eventId);
    if (seriesMasterId !== null && events.has(seriesMasterId)) masterOfCancelled.set(eventId, seriesMasterId);
    for (const [id, master] of masterOfCancelled) if (master === eventId) masterOfCancelled.delete(id);
  }
  return { events, cancelled: new Set(masterOfCancelled.keys()) };
}
