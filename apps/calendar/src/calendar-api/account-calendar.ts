import type { calendar_v3 } from '@googleapis/calendar';
import type { Origin } from '#messaging/envelope';
import { days } from '#time/clock';
import { callerFor, type CalendarAccess, type CalendarCall, type CalendarMeans } from './calendar-calls.js';
import type {
  CalendarResult,
  EventsPage,
  GoogleEvent,
  ListedCalendar,
  OpenedChannel,
} from './calendar-result.js';

/** The same for every list: a sync token goes on only under the parameters that it began with. */
export const listParameters = { singleEvents: false, maxResults: 2_500 };

/**
 * Google Calendar as one connected account sees it. Nothing is retried here but a token that was refused once; a failure is a value with its
 * problem, and `retryAfterMs` when Google says how long to wait.
 */
export interface AccountCalendar {
  /** All of the account's calendars, hidden ones too. */
  calendars(): Promise<CalendarResult<ListedCalendar[]>>;
  /**
   * One page of a calendar's events. Series come as masters with their exceptions. `timeMin` bounds the end of events, RFC 3339, and must not go
   * along with a sync token. Refused with `calendar.sync-token-invalid` when a full list is needed, `calendar.gone` when the calendar is.
   */
  events(request: {
    calendarId: string;
    syncToken?: string | undefined;
    pageToken?: string | undefined;
    timeMin?: string | undefined;
  }): Promise<CalendarResult<EventsPage>>;
  /** One event as it is now, cancelled ones too. Null: Google does not know it, or the calendar is not there. */
  event(request: { calendarId: string; eventId: string }): Promise<CalendarResult<GoogleEvent | null>>;
  /** Opens a channel. Its `sync` notification may arrive before the answer does. */
  watch(request: {
    calendarId: string;
    channelId: string;
    token: string;
    address: string;
  }): Promise<CalendarResult<OpenedChannel>>;
  /** Also succeeds when Google does not know the channel any more. */
  stop(channel: { channelId: string; resourceId: string }): Promise<CalendarResult<void>>;
}

/** Meant for one piece of work, since it keeps the access token that it was given. */
export function calendarFor(
  means: CalendarMeans,
  account: CalendarAccess,
  origin: Origin,
  options: { signal?: AbortSignal } = {},
): AccountCalendar {
  const call = callerFor(means, account, origin, options);
  return {
    calendars: () => allCalendars(call),
    events: ({ calendarId, syncToken, pageToken, timeMin }) =>
      call(
        (calendar, how) =>
          calendar.events.list(
            {
              calendarId,
              ...listParameters,
              ...(syncToken && { syncToken }),
              ...(pageToken && { pageToken }),
              ...(timeMin && { timeMin }),
            },
            how,
          ),
        pageOf,
        { calendarId },
      ),
    event: async ({ calendarId, eventId }) => {
      const found = await call(
        (calendar, how) => calendar.events.get({ calendarId, eventId }, how),
        (event): GoogleEvent | null => event,
        { calendarId },
      );
      const unknown = !found.ok && ['calendar.gone', 'calendar.event-gone'].includes(found.problem.code);
      return unknown ? { ok: true, value: null } : found;
    },
    watch: ({ calendarId, channelId, token, address }) =>
      call(
        (calendar, how) =>
          calendar.events.watch(
            { calendarId, requestBody: { id: channelId, type: 'web_hook', address, token } },
            how,
          ),
        ({ resourceId, expiration }) => ({
          resourceId: resourceId ?? '',
          // A channel without an end is taken for one with Google's usual life.
          expiresAt: expiration
            ? new Date(Number(expiration))
            : new Date(means.clock.now().getTime() + days(7)),
        }),
        { calendarId, endpoint: address },
      ),
    stop: async ({ channelId, resourceId }) => {
      const stopped = await call(
        (calendar, how) => calendar.channels.stop({ requestBody: { id: channelId, resourceId } }, how),
        () => undefined,
      );
      return !stopped.ok && stopped.problem.code === 'calendar.gone'
        ? { ok: true, value: undefined }
        : stopped;
    },
  };
}

async function allCalendars(call: CalendarCall): Promise<CalendarResult<ListedCalendar[]>> {
  const listed: ListedCalendar[] = [];
  let pageToken: string | undefined;
  do {
    const page = await call(
      (calendar, how) =>
        calendar.calendarList.list(
          { maxResults: 250, showHidden: true, ...(pageToken && { pageToken }) },
          how,
        ),
      ({ items, nextPageToken }) => ({ items: items ?? [], nextPageToken: nextPageToken ?? undefined }),
    );
    if (!page.ok) return page;
    listed.push(...page.value.items.flatMap(listedOf));
    pageToken = page.value.nextPageToken;
  } while (pageToken);
  return { ok: true, value: listed };
}

function listedOf(entry: calendar_v3.Schema$CalendarListEntry): ListedCalendar[] {
  const { id, summary, summaryOverride, timeZone, primary, accessRole, deleted } = entry;
  if (!id || deleted) return [];
  return [
    {
      calendarId: id,
      summary: summaryOverride ?? summary ?? id,
      timeZone: timeZone ?? 'UTC',
      primary: primary === true,
      accessRole: accessRole ?? 'none',
    },
  ];
}

const pageOf = ({
  items,
  nextPageToken,
  nextSyncToken,
  timeZone,
}: calendar_v3.Schema$Events): EventsPage => ({
  events: items ?? [],
  nextPageToken: nextPageToken ?? null,
  nextSyncToken: nextSyncToken ?? null,
  timeZone: timeZone ?? null,
});
