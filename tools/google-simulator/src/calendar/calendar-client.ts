import type { z } from 'zod';
import type { AdminCalls } from '../admin/admin-calls.js';
import type { calendarChange, CalendarSummary, newCalendar } from './calendar-admin-routes.js';
import type { CalendarSettings } from './calendar-state.js';
import type { ChannelPost } from './channel-pusher.js';
import type { AccessRole } from './google-calendar.js';
import type { forgedNotification } from './push-controls.js';

/** An event as Google's REST API shows it. */
export type EventResource = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly etag: string;
};

/** The fields of an event as in Google's REST reference; others are kept too. */
export type EventFields = Readonly<Record<string, unknown>>;

export interface PostFilter {
  readonly channelId?: string;
  readonly calendarId?: string;
  readonly state?: ChannelPost['state'];
  readonly outcome?: ChannelPost['outcome'];
}

interface Patience {
  /** Real milliseconds; 10,000 unless given. */
  readonly timeoutMs?: number;
}

/** What people do in Google Calendar's web interface, and what tests need to know about notifications. A primary calendar's id is its account's address. */
export class CalendarClient {
  constructor(private readonly admin: AdminCalls) {}

  createCalendar(seed: z.input<typeof newCalendar>): Promise<CalendarSummary> {
    return this.admin.call('POST', '/calendars', seed);
  }

  /** With its members and the channels that are alive. */
  calendar(calendarId: string): Promise<CalendarSummary> {
    return this.admin.call('GET', at(calendarId));
  }

  changeCalendar(calendarId: string, change: z.input<typeof calendarChange>): Promise<CalendarSummary> {
    return this.admin.call('PATCH', at(calendarId), change);
  }

  async deleteCalendar(calendarId: string): Promise<void> {
    await this.admin.call('DELETE', at(calendarId));
  }

  /** Also changes the access that somebody has. Sync tokens of the calendar lapse. */
  share(calendarId: string, email: string, accessRole: AccessRole): Promise<CalendarSummary> {
    return this.admin.call('PUT', `${at(calendarId)}/members/${encodeURIComponent(email)}`, { accessRole });
  }

  /** Takes the calendar off the list that the user's web interface shows, or puts it back. */
  hide(calendarId: string, email: string, hidden: boolean): Promise<CalendarSummary> {
    return this.admin.call('PATCH', `${at(calendarId)}/members/${encodeURIComponent(email)}`, { hidden });
  }

  unshare(calendarId: string, email: string): Promise<CalendarSummary> {
    return this.admin.call('DELETE', `${at(calendarId)}/members/${encodeURIComponent(email)}`);
  }

  /** `start` and `end` as in Google's REST reference; `recurrence` makes it a series. */
  insertEvent(calendarId: string, event: EventFields): Promise<EventResource> {
    return this.admin.call('POST', `${at(calendarId)}/events`, event);
  }

  /** Deleted or not, exception or unchanged instance. */
  event(calendarId: string, eventId: string): Promise<EventResource> {
    return this.admin.call('GET', eventAt(calendarId, eventId));
  }

  /** Merges; null clears. With an instance's id (`<master>_20260301T090000Z`) it edits that one instance. */
  editEvent(calendarId: string, eventId: string, change: EventFields): Promise<EventResource> {
    return this.admin.call('PATCH', eventAt(calendarId, eventId), change);
  }

  /** With an instance's id it cancels that one instance. */
  deleteEvent(calendarId: string, eventId: string): Promise<EventResource> {
    return this.admin.call('DELETE', eventAt(calendarId, eventId));
  }

  /** Into another calendar, under the same id. To another time: `editEvent`. */
  moveEvent(calendarId: string, eventId: string, to: string): Promise<EventResource> {
    return this.admin.call('POST', `${eventAt(calendarId, eventId)}/move`, { to });
  }

  /** "This and following": ends the series before the instance and returns the new series that goes on from there. */
  splitSeries(calendarId: string, instanceId: string, change: EventFields): Promise<EventResource> {
    return this.admin.call('POST', `${eventAt(calendarId, instanceId)}/split`, change);
  }

  /** From now on every sync token of the calendar that was given out is answered with 410 `fullSyncRequired`. */
  async invalidateSyncTokens(calendarId: string): Promise<void> {
    await this.admin.call('POST', `${at(calendarId)}/sync-tokens/invalidate`);
  }

  /** Google's own truth: every event that a full list would show, cancelled exceptions of living series among them. */
  async state(calendarId: string): Promise<readonly EventResource[]> {
    return (await this.admin.call<{ events: EventResource[] }>('GET', `${at(calendarId)}/state`)).events;
  }

  /** Notifications posted so far, each attempt on its own, oldest first. */
  async pushes(filter: PostFilter = {}): Promise<readonly ChannelPost[]> {
    const path = `/calendar/pushes${query({ ...filter })}`;
    return (await this.admin.call<{ pushes: ChannelPost[] }>('GET', path)).pushes;
  }

  /** Waits until at least `count` notifications (1 unless given) that match were accepted. @throws Error when they were not in time */
  async delivered(
    filter: PostFilter & Patience & { readonly count?: number } = {},
  ): Promise<readonly ChannelPost[]> {
    const path = `/calendar/delivered${query({ ...filter })}`;
    const answer = await this.admin.call<{ delivered: boolean; pushes: ChannelPost[] }>('GET', path);
    if (answer.delivered) return answer.pushes;
    throw new Error(
      `Only ${answer.pushes.length} of ${filter.count ?? 1} notifications were accepted in time`,
    );
  }

  /** Waits until no notification is outstanding, apart from those that a reorder fault holds. @throws Error when some still are */
  async settled(wish: Patience & { readonly calendarId?: string } = {}): Promise<void> {
    const path = `/calendar/settled${query({ ...wish })}`;
    const answer = await this.admin.call<{ settled: boolean; outstanding: number }>('GET', path);
    if (!answer.settled) throw new Error(`${answer.outstanding} notifications are still outstanding`);
  }

  /** Sends what reorder faults hold, latest first, and waits for the answers. */
  async releaseHeld(): Promise<void> {
    await this.admin.call('POST', '/calendar/release');
  }

  /** Posts a notification that Google did not send to the channel's address; returns the answer. */
  sendForgedNotification(
    wish: z.input<typeof forgedNotification>,
  ): Promise<{ status: number; body: string }> {
    return this.admin.call('POST', '/calendar/forged-notification', wish);
  }

  configure(settings: Partial<CalendarSettings>): Promise<CalendarSettings> {
    return this.admin.call('PATCH', '/calendar/settings', settings);
  }
}

const at = (calendarId: string): string => `/calendars/${encodeURIComponent(calendarId)}`;
const eventAt = (calendarId: string, eventId: string): string =>
  `${at(calendarId)}/events/${encodeURIComponent(eventId)}`;

function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
