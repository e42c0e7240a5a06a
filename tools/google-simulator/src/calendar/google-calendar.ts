import { deleted, duplicate, invalid, notFound } from './calendar-refusals.js';
import { isInstance, type CalendarEvent, type Instance } from './event.js';
import type { EventContent } from './event-body.js';
import { endAfter, instanceSuffix, sameTime, type EventTime } from './event-time.js';
import { continuedAfter, endedBefore, originalStarts } from './recurrence.js';
import type { SavedCalendar } from './saved-calendar.js';

export const ACCESS_ROLES = [
  'freeBusyReader',
  'reader',
  'writerWithoutPrivateAccess',
  'writer',
  'owner',
] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

export interface Member {
  accessRole: AccessRole;
  /** Whether the user took the calendar off the list in the web interface. */
  hidden: boolean;
  /** No longer shared, or the calendar is gone. */
  gone: boolean;
  /** Where its last change stands among all changes. */
  change: number;
}

/** What a calendar needs from the world around it. */
export interface Surroundings {
  now(): Date;
  /** The next number of the sequence of all changes. */
  nextChange(): number;
  /** Called after each change of an event. */
  onChange(calendar: GoogleCalendar): void;
  newId(): string;
  tellOfExceptionsOfDeletedSeries(): boolean;
}

/** One calendar with its events and the people who see it. */
export class GoogleCalendar {
  /** By event id, deleted ones included. */
  readonly events = new Map<string, CalendarEvent>();
  /** By id: instances that a series lost when it was changed, for those who see instances in the place of series. */
  readonly vanishedInstances = new Map<string, CalendarEvent>();
  /** By the `sub` of the account. */
  readonly members = new Map<string, Member>();
  summary: string;
  timeZone: string;
  /** The `sub` of the account whose primary calendar this is. */
  readonly primaryOf?: string;
  /** Holiday calendars and the like: polled, never watched. */
  unwatchable = false;
  gone = false;
  /** Sync tokens that stand for an earlier change are no longer valid. */
  tokensInvalidBefore = 0;

  constructor(
    readonly id: string,
    /** E-mail: organiser and creator of what is written here. */
    readonly owner: string,
    seed: { readonly summary: string; readonly timeZone: string; readonly primaryOf?: string },
    private readonly world: Surroundings,
  ) {
    this.summary = seed.summary;
    this.timeZone = seed.timeZone;
    if (seed.primaryOf !== undefined) this.primaryOf = seed.primaryOf;
  }

  /** @throws GoogleError 409 when the id is or was in use */
  insert(
    content: EventContent,
    {
      id = this.world.newId(),
      iCalUID,
      creator = this.owner,
    }: { id?: string; iCalUID?: string; creator?: string } = {},
  ): CalendarEvent {
    if (this.events.has(id)) throw duplicate();
    const people = { creator: { email: creator }, organizer: { email: this.owner } };
    const event = this.store({
      ...content,
      id,
      details: { ...people, ...content.details },
      created: this.world.now().toISOString(),
      iCalUID: iCalUID ?? `${id}@google.com`,
      sequence: 0,
    });
    this.world.onChange(this);
    return event;
  }

  /** The event, exception or unchanged instance of that id, deleted or not. */
  find(id: string): CalendarEvent | undefined {
    const stored = this.events.get(id);
    if (stored) return stored;
    const master = this.events.get(id.slice(0, id.lastIndexOf('_')));
    if (!master?.recurrence || master.status === 'cancelled') return undefined;
    return this.instancesOf(master).find((one) => one.id === id);
  }

  /** @throws GoogleError 404 */
  at(id: string): CalendarEvent {
    const event = this.find(id);
    if (!event) throw notFound();
    return event;
  }

  /** Puts new content in the place of the old; an instance becomes an exception. @throws GoogleError 400 */
  write(event: CalendarEvent, { recurrence, ...content }: EventContent): CalendarEvent {
    if (isInstance(event) && recurrence) throw invalid('Recurrence cannot be set on an instance.');
    if (event.details['eventType'] !== content.details['eventType'])
      throw invalid('The event type cannot be changed.');
    const { recurrence: before, ...rest } = event;
    const moved = !sameTime(event.start, content.start) || !sameTime(event.end, content.end);
    const { creator, organizer } = event.details;
    const details = { creator, organizer, ...content.details };
    const sequence = event.sequence + (moved ? 1 : 0);
    const written = this.store({ ...rest, ...content, details, sequence, ...(recurrence && { recurrence }) });
    if (before || recurrence) this.followSeries(event, written);
    this.world.onChange(this);
    return written;
  }

  /** @throws GoogleError 410 when it is deleted already */
  remove(event: CalendarEvent): CalendarEvent {
    if (event.status === 'cancelled') throw deleted();
    const removed = this.store({ ...event, status: 'cancelled' });
    if (event.recurrence) this.endExceptions(event.id);
    this.world.onChange(this);
    return removed;
  }

  /** "This and following": the series ends before the instance, and a new one with this content goes on from there. */
  split(
    instance: Instance,
    contentFor: (master: CalendarEvent, recurrence: readonly string[]) => EventContent,
  ): CalendarEvent {
    const master = this.at(instance.recurringEventId);
    const lines = master.recurrence ?? [];
    const starts = originalStarts(master.start, lines, this.timeZone);
    const passed = starts.findIndex((one) => sameTime(one, instance.originalStart));
    if (passed < 1) throw invalid('A series is split at a later instance than its first.');
    const content = contentFor(
      {
        ...master,
        start: instance.originalStart,
        end: endAfter(instance.originalStart, master.start, master.end),
      },
      continuedAfter(lines, passed),
    );
    const { id: _, ...rest } = master;
    const ended = this.store({ ...master, recurrence: endedBefore(lines, instance.originalStart) });
    const following = `${master.id}_R${instanceSuffix(instance.originalStart).replace('Z', '')}`;
    const created = this.store({
      ...rest,
      ...content,
      id: following,
      created: this.world.now().toISOString(),
    });
    this.carryExceptions(ended, created);
    this.cancelStrayExceptions(ended);
    this.noteVanished(master, ended);
    this.world.onChange(this);
    return created;
  }

  /** Takes the event out, leaving a tombstone, and puts it into another calendar under the same id. */
  move(event: CalendarEvent, to: GoogleCalendar): CalendarEvent {
    if (isInstance(event)) throw invalid('An instance cannot be moved on its own.');
    if (to.events.get(event.id)?.status !== undefined) throw duplicate();
    const exceptions = this.exceptionsOf(event.id);
    this.remove(event);
    const moved = to.store({ ...event, details: { ...event.details, organizer: { email: to.owner } } });
    for (const exception of exceptions) to.store(exception);
    to.world.onChange(to);
    return moved;
  }

  /** What a series consists of, exceptions in the place of what they replace, cancelled ones among them; at most a thousand. */
  instancesOf(master: CalendarEvent, before = Infinity): Instance[] {
    const exceptions = new Map(this.exceptionsOf(master.id).map((one) => [one.id, one]));
    const starts = originalStarts(master.start, master.recurrence ?? [], this.timeZone, before);
    const regular = starts.map((start) => instanceAt(master, start));
    const ids = new Set(regular.map(({ id }) => id));
    const others = [...exceptions.values()].filter(({ id }) => !ids.has(id));
    return [...regular.map((one) => exceptions.get(one.id) ?? one), ...others];
  }

  exceptionsOf(masterId: string): Instance[] {
    return [...this.events.values()].filter(isInstance).filter((one) => one.recurringEventId === masterId);
  }

  /** Whether the event is an exception of a series that somebody still sees. */
  seriesLives({ recurringEventId }: CalendarEvent): boolean {
    const master = recurringEventId === undefined ? undefined : this.events.get(recurringEventId);
    return master !== undefined && master.status !== 'cancelled';
  }

  invalidateSyncTokens(): void {
    this.tokensInvalidBefore = this.world.nextChange();
  }

  restore({ events, vanishedInstances, members, ...rest }: SavedCalendar): void {
    for (const event of events) this.events.set(event.id, event);
    for (const instance of vanishedInstances) this.vanishedInstances.set(instance.id, instance);
    for (const { sub, ...member } of members) this.members.set(sub, member);
    this.unwatchable = rest.unwatchable;
    this.gone = rest.gone;
    this.tokensInvalidBefore = rest.tokensInvalidBefore;
  }

  private store(event: Omit<CalendarEvent, 'change' | 'updated'>): CalendarEvent {
    const stored = { ...event, change: this.world.nextChange(), updated: this.world.now().toISOString() };
    this.events.set(event.id, stored);
    return stored;
  }

  /** What becomes of a series' exceptions and instances when the series is changed, ended, or brought back. */
  private followSeries(before: CalendarEvent, after: CalendarEvent): void {
    if (after.status === 'cancelled') return this.endExceptions(after.id);
    this.cancelStrayExceptions(after);
    if (before.status === 'cancelled') {
      // Whoever heard that the series was gone forgot them.
      for (const exception of this.exceptionsOf(after.id)) this.store(exception);
    } else this.noteVanished(before, after);
  }

  private endExceptions(masterId: string): void {
    for (const exception of this.exceptionsOf(masterId)) {
      if (exception.status === 'cancelled') continue;
      if (this.world.tellOfExceptionsOfDeletedSeries()) this.store({ ...exception, status: 'cancelled' });
      else this.events.set(exception.id, { ...exception, status: 'cancelled' });
    }
  }

  /** An exception of an instance that the series no longer has is cancelled. */
  private cancelStrayExceptions(master: CalendarEvent): void {
    const { start, recurrence } = master;
    const starts = recurrence ? originalStarts(start, recurrence, this.timeZone) : [];
    for (const exception of this.exceptionsOf(master.id)) {
      const isStray = !starts.some((one) => sameTime(one, exception.originalStart));
      if (isStray && exception.status !== 'cancelled') this.store({ ...exception, status: 'cancelled' });
    }
  }

  private noteVanished(before: CalendarEvent, after: CalendarEvent): void {
    const present = new Set(after.recurrence ? this.instancesOf(after).map(({ id }) => id) : []);
    for (const id of present) this.vanishedInstances.delete(id);
    for (const instance of before.recurrence ? this.instancesOf(before) : []) {
      if (present.has(instance.id)) continue;
      this.vanishedInstances.set(instance.id, { ...instance, status: 'cancelled', change: after.change });
    }
  }

  /** Exceptions after a split go on in the new series, as long as that still has their instances. */
  private carryExceptions(ended: CalendarEvent, following: CalendarEvent): void {
    const kept = originalStarts(ended.start, ended.recurrence ?? [], this.timeZone);
    for (const start of originalStarts(following.start, following.recurrence ?? [], this.timeZone)) {
      const id = `${ended.id}_${instanceSuffix(start)}`;
      const exception = this.events.get(id);
      if (!exception || !isInstance(exception) || kept.some((one) => sameTime(one, start))) continue;
      const carried = { recurringEventId: following.id, id: `${following.id}_${instanceSuffix(start)}` };
      this.store({ ...exception, ...carried });
    }
  }
}

function instanceAt({ recurrence: _, ...master }: CalendarEvent, start: EventTime): Instance {
  return {
    ...master,
    id: `${master.id}_${instanceSuffix(start)}`,
    recurringEventId: master.id,
    originalStart: start,
    start,
    end: endAfter(start, master.start, master.end),
  };
}
