import { z } from 'zod';
import type { CallingUser } from './access.js';
import { fullSyncRequired, invalid, timeRangeEmpty, updatedMinTooLongAgo } from './calendar-refusals.js';
import type { CalendarSettings } from './calendar-state.js';
import { eventResource, isInstance, tombstone, type CalendarEvent, type View } from './event.js';
import { isTimeZone, startOf } from './event-time.js';
import type { GoogleCalendar, Member } from './google-calendar.js';
import { isEndless } from './recurrence.js';
import {
  decodePageToken,
  decodeSyncToken,
  encodePageToken,
  encodeSyncToken,
  pageOf,
  sortable,
  type SyncToken,
} from './tokens.js';

const many = z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.string()));
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Math.floor(Date.parse(text) / 1_000) * 1_000);
const DEFAULT_PAGE = 250;
const TWO_YEARS_MS = 2 * 365 * 86_400_000;

const listQuery = z.looseObject({
  maxResults: z.coerce.number().int().positive().default(DEFAULT_PAGE),
  pageToken: z.string().optional(),
  syncToken: z.string().optional(),
  showDeleted: flag.optional(),
  singleEvents: flag.default(false),
  orderBy: z.enum(['startTime', 'updated']).optional(),
  timeMin: instant.optional(),
  timeMax: instant.optional(),
  updatedMin: instant.optional(),
  timeZone: z.string().refine(isTimeZone).optional(),
  eventTypes: many,
  maxAttendees: z.coerce.number().int().positive().optional(),
  iCalUID: z.string().optional(),
  q: z.string().optional(),
  privateExtendedProperty: many,
  sharedExtendedProperty: many,
});
type ListQuery = z.output<typeof listQuery>;

const NOT_WITH_SYNC_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
] as const;
const WITHOUT_SYNC_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'updatedMin',
] as const;

export interface ListContext {
  readonly calendar: GoogleCalendar;
  readonly member: Member;
  readonly caller: CallingUser;
  readonly settings: CalendarSettings;
  /** The last change of anything. */
  readonly sequence: number;
  readonly now: Date;
}

/** What events.list answers. @throws GoogleError 400 and 410 in its words */
export function listEvents(raw: Record<string, unknown>, context: ListContext): Record<string, unknown> {
  const parsed = listQuery.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`Invalid value for: ${issue?.path.join('.') ?? 'a parameter'}`, String(issue?.path[0]));
  }
  const query = parsed.data;
  checkCombination(query, context);
  const { calendar, member, caller, settings, sequence } = context;
  const since = query.syncToken === undefined ? undefined : knownUpTo(query, context);
  const found = query.singleEvents ? withInstances(query, since, context) : plain(query, since, calendar);
  const wanted = found.filter((event) => passes(event, query, since, context));
  const inOrder = wanted
    .map((event) => ({ event, key: keyOf(event, query, calendar) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = pageOf(
    inOrder,
    ({ key }) => key,
    Math.min(query.maxResults, settings.largestPage),
    { upTo: sequence, emptyPages: settings.emptyPagesPerList },
    query.pageToken === undefined ? undefined : decodePageToken(query.pageToken),
  );
  const view: View = {
    timeZone: query.timeZone ?? calendar.timeZone,
    self: caller.user.email,
    maxAttendees: query.maxAttendees,
    busyOnly: member.accessRole === 'freeBusyReader',
  };
  const token: SyncToken = {
    of: calendar.id,
    sub: caller.user.sub,
    upTo: page.upTo,
    issuedAt: context.now.getTime(),
    fixed: fixedParameters(query),
  };
  const hasToken = !WITHOUT_SYNC_TOKEN.some((name) => isGiven(query[name]));
  return {
    kind: 'calendar#events',
    etag: `"p${sequence}"`,
    summary: calendar.summary,
    description: '',
    updated: context.now.toISOString(),
    timeZone: view.timeZone,
    accessRole: member.accessRole,
    defaultReminders: [],
    ...(page.next
      ? { nextPageToken: encodePageToken(page.next) }
      : hasToken && { nextSyncToken: encodeSyncToken(token) }),
    items: page.items.map(({ event }) =>
      event.status === 'cancelled'
        ? tombstone(event, calendar.seriesLives(event), view)
        : eventResource(event, view),
    ),
  };
}

function checkCombination(query: ListQuery, { settings, now }: ListContext): void {
  const { syncToken, orderBy, singleEvents, timeMin, timeMax, updatedMin, showDeleted } = query;
  if (syncToken !== undefined) {
    const extra = NOT_WITH_SYNC_TOKEN.find((name) => isGiven(query[name]));
    if (extra !== undefined) throw invalid(`Sync token cannot be used together with ${extra}.`, extra);
    if (showDeleted === false)
      throw invalid('Sync token cannot be used with showDeleted=false.', 'showDeleted');
  }
  if (orderBy === 'startTime' && !singleEvents)
    throw invalid('The requested ordering is not available for the particular query.', 'orderBy');
  if (timeMin !== undefined && timeMax !== undefined && timeMax <= timeMin) throw timeRangeEmpty();
  if (updatedMin !== undefined && updatedMin < now.getTime() - settings.syncTokenLifetimeMs)
    throw updatedMinTooLongAgo();
}

/** The change up to which the token's holder knows the calendar. @throws GoogleError 410 when that is no longer remembered */
function knownUpTo(query: ListQuery, { calendar, caller, settings, now }: ListContext): number {
  const token = decodeSyncToken(query.syncToken ?? '');
  const isForeign = token.of !== calendar.id || token.sub !== caller.user.sub;
  const isOld = token.issuedAt < now.getTime() - settings.syncTokenLifetimeMs;
  if (isForeign || isOld || token.upTo < calendar.tokensInvalidBefore) throw fullSyncRequired();
  if (token.fixed !== fixedParameters(query))
    throw invalid('The parameters are not those that the sync token was made with.', 'syncToken');
  return token.upTo;
}

const fixedParameters = ({ singleEvents, eventTypes, timeZone, maxAttendees }: ListQuery): string =>
  JSON.stringify([singleEvents, [...eventTypes].sort(), timeZone, maxAttendees]);

function plain(query: ListQuery, since: number | undefined, calendar: GoogleCalendar): CalendarEvent[] {
  return [...calendar.events.values()].filter((event) => {
    if (since !== undefined) return event.change > since;
    if (event.status !== 'cancelled' || query.showDeleted || query.updatedMin !== undefined) return true;
    // Cancelled exceptions belong to their series, for as long as it lives.
    return isInstance(event) && calendar.seriesLives(event);
  });
}

/** Instances in the place of series. Instances that a changed series no longer has are told as cancelled. */
function withInstances(
  query: ListQuery,
  since: number | undefined,
  { calendar, now }: ListContext,
): CalendarEvent[] {
  const horizon = query.timeMax ?? now.getTime() + TWO_YEARS_MS;
  const shown: CalendarEvent[] = [];
  for (const event of calendar.events.values()) {
    if (isInstance(event)) continue;
    const isOver = event.status === 'cancelled';
    const instances = event.recurrence ? calendar.instancesOf(event, horizon) : [event];
    shown.push(...(isOver ? instances.map((one) => ({ ...one, change: event.change })) : instances));
  }
  shown.push(...calendar.vanishedInstances.values());
  const isDeletedShown = query.showDeleted === true || query.updatedMin !== undefined;
  return shown.filter(({ status, change }) =>
    since !== undefined ? change > since : status !== 'cancelled' || isDeletedShown,
  );
}

function passes(
  event: CalendarEvent,
  query: ListQuery,
  since: number | undefined,
  { calendar }: ListContext,
): boolean {
  const { eventTypes, timeMin, timeMax, updatedMin, iCalUID, q } = query;
  if (eventTypes.length > 0 && !eventTypes.includes(String(event.details['eventType']))) return false;
  if (since !== undefined) return true;
  const endsAfter = timeMin === undefined || lastEnd(event, calendar) > timeMin;
  const startsBefore = timeMax === undefined || startOf(event.start, calendar.timeZone) < timeMax;
  const hasProperties = (kind: 'private' | 'shared', wanted: readonly string[]) => {
    const properties =
      (event.details['extendedProperties'] as Record<string, object> | undefined)?.[kind] ?? {};
    return wanted.every((one) =>
      Object.entries(properties).some(([name, value]) => `${name}=${value}` === one),
    );
  };
  return (
    endsAfter &&
    startsBefore &&
    (updatedMin === undefined || Date.parse(event.updated) >= updatedMin) &&
    (iCalUID === undefined || event.iCalUID === iCalUID) &&
    hasProperties('private', query.privateExtendedProperty) &&
    hasProperties('shared', query.sharedExtendedProperty) &&
    (q === undefined || mentions(event, q))
  );
}

function lastEnd(event: CalendarEvent, calendar: GoogleCalendar): number {
  if (!event.recurrence) return startOf(event.end, calendar.timeZone);
  if (isEndless(event.recurrence)) return Infinity;
  const ends = calendar.instancesOf(event).map(({ end }) => startOf(end, calendar.timeZone));
  return Math.max(startOf(event.end, calendar.timeZone), ...ends);
}

function mentions({ details }: CalendarEvent, q: string): boolean {
  const text = ['summary', 'description', 'location', 'attendees'].map((name) => details[name] ?? '');
  const all = JSON.stringify(text).toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((term) => all.includes(term));
}

function keyOf(event: CalendarEvent, { orderBy }: ListQuery, calendar: GoogleCalendar): string {
  if (orderBy === 'startTime') return `${sortable(startOf(event.start, calendar.timeZone))} ${event.id}`;
  return `${sortable(event.change)} ${event.id}`;
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);
