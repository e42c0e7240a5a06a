import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { found, parseBody } from '../admin/request-body.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { duplicate, invalid } from './calendar-refusals.js';
import { calendarSettings } from './calendar-state.js';
import { eventResource, isInstance, tombstone, type CalendarEvent } from './event.js';
import { bodyOf, merged, readContent } from './event-body.js';
import { isTimeZone } from './event-time.js';
import { ACCESS_ROLES, type GoogleCalendar } from './google-calendar.js';

const zone = z.string().refine(isTimeZone, 'is not an IANA time zone');
const accessRole = z.enum(ACCESS_ROLES);
const settings = calendarSettings.partial();
/** As in Google's REST reference. Fields and event types that nobody has heard of are kept. */
const eventBody = z.looseObject({ id: z.string().exactOptional(), iCalUID: z.string().exactOptional() });
export const newCalendar = z.strictObject({
  /** E-mail of an existing account with Calendar. */
  owner: z.string(),
  /** Made up unless given. */
  id: z.string().exactOptional(),
  summary: z.string().default('Team'),
  timeZone: zone.exactOptional(),
  /** Of the owner; `reader` for holiday and other subscribed calendars. */
  accessRole: accessRole.default('owner'),
  /** Watching it is refused with `pushNotSupportedForRequestedResource`. */
  unwatchable: z.boolean().default(false),
});
export const calendarChange = z.strictObject({
  summary: z.string().exactOptional(),
  timeZone: zone.exactOptional(),
  unwatchable: z.boolean().exactOptional(),
});
const at = '/simulator/calendars/:calendarId';

/** What people do in Google Calendar's web interface, and what only a simulator can do; no token is needed. */
export function registerCalendarAdmin(app: FastifyInstance, world: World): void {
  const state = world.calendar;
  const userOf = (email: string): GoogleUser => {
    const user = found(world.user(email), 'user');
    found(state.primaryOf(user), 'account with Calendar');
    return user;
  };
  const calendarIn = (
    request: FastifyRequest,
    id = (request.params as { calendarId: string }).calendarId,
  ) => {
    const user = world.user(id);
    if (user) state.primaryOf(user);
    const calendar = state.calendars.get(id) ?? state.calendars.get(id.toLowerCase());
    return found(calendar?.gone ? undefined : calendar, 'calendar');
  };
  const eventIn = (request: FastifyRequest, calendar: GoogleCalendar): CalendarEvent =>
    calendar.at((request.params as { eventId: string }).eventId);
  const shown = (event: CalendarEvent, { timeZone, owner }: GoogleCalendar) =>
    eventResource(event, { timeZone, self: owner });

  app.get('/simulator/calendar/settings', () => state.settings);
  app.patch('/simulator/calendar/settings', (request) => {
    for (const [name, value] of Object.entries(parseBody(settings, request))) {
      if (value !== undefined) Object.assign(state.settings, { [name]: value });
    }
    return state.settings;
  });

  app.post('/simulator/calendars', (request) => {
    const { owner, id, accessRole: role, unwatchable, ...seed } = parseBody(newCalendar, request);
    const user = userOf(owner);
    const calendarId = id ?? `c_${state.newId()}@group.calendar.google.com`;
    if (state.calendars.has(calendarId)) throw duplicate();
    const calendar = state.create(
      calendarId,
      user,
      { timeZone: state.primaryOf(user)?.timeZone ?? 'UTC', ...seed },
      role,
    );
    calendar.unwatchable = unwatchable;
    return summary(calendar, world);
  });

  app.get(at, (request) => summary(calendarIn(request), world));
  app.patch(at, (request) => {
    const calendar = calendarIn(request);
    Object.assign(calendar, parseBody(calendarChange, request));
    for (const member of calendar.members.values()) member.change = state.nextChange();
    return summary(calendar, world);
  });
  app.delete(at, (request) => {
    const calendar = calendarIn(request);
    if (calendar.primaryOf !== undefined) throw invalid('A primary calendar cannot be deleted.');
    state.remove(calendar);
    return {};
  });

  app.put(`${at}/members/:email`, (request) => {
    const calendar = calendarIn(request);
    const { accessRole: role } = parseBody(z.strictObject({ accessRole }), request);
    state.share(calendar, userOf((request.params as { email: string }).email), role);
    return summary(calendar, world);
  });
  /** The user takes the calendar off the list that the web interface shows, or puts it back. */
  app.patch(`${at}/members/:email`, (request) => {
    const calendar = calendarIn(request);
    const { sub } = userOf((request.params as { email: string }).email);
    const { hidden } = parseBody(z.strictObject({ hidden: z.boolean() }), request);
    Object.assign(found(calendar.members.get(sub), 'member'), { hidden, change: state.nextChange() });
    return summary(calendar, world);
  });
  app.delete(`${at}/members/:email`, (request) => {
    const calendar = calendarIn(request);
    state.unshare(calendar, userOf((request.params as { email: string }).email));
    return summary(calendar, world);
  });

  app.post(`${at}/sync-tokens/invalidate`, (request) => {
    calendarIn(request).invalidateSyncTokens();
    return {};
  });

  app.get(`${at}/state`, (request) => {
    const calendar = calendarIn(request);
    const { timeZone, owner } = calendar;
    const view = { timeZone, self: owner };
    const events = [...calendar.events.values()].filter(
      (event) => event.status !== 'cancelled' || (isInstance(event) && calendar.seriesLives(event)),
    );
    return {
      events: events.map((event) =>
        event.status === 'cancelled' ? tombstone(event, true, view) : eventResource(event, view),
      ),
    };
  });

  app.post(`${at}/events`, (request) => {
    const calendar = calendarIn(request);
    const { id, iCalUID, ...body } = parseBody(eventBody, request);
    const content = readContent(body, calendar.timeZone, 'google');
    const ids = { ...(id !== undefined && { id }), ...(iCalUID !== undefined && { iCalUID }) };
    return shown(calendar.insert(content, ids), calendar);
  });

  app.get(`${at}/events/:eventId`, (request) => {
    const calendar = calendarIn(request);
    return shown(eventIn(request, calendar), calendar);
  });
  app.patch(`${at}/events/:eventId`, (request) => {
    const calendar = calendarIn(request);
    const event = eventIn(request, calendar);
    const body = merged(bodyOf(event, calendar.timeZone), parseBody(eventBody, request));
    return shown(calendar.write(event, readContent(body, calendar.timeZone, 'google')), calendar);
  });
  app.delete(`${at}/events/:eventId`, (request) => {
    const calendar = calendarIn(request);
    return shown(calendar.remove(eventIn(request, calendar)), calendar);
  });

  app.post(`${at}/events/:eventId/move`, (request) => {
    const calendar = calendarIn(request);
    const { to } = parseBody(z.strictObject({ to: z.string() }), request);
    const destination = calendarIn(request, to);
    return shown(calendar.move(eventIn(request, calendar), destination), destination);
  });

  app.post(`${at}/events/:eventId/split`, (request) => {
    const calendar = calendarIn(request);
    const instance = eventIn(request, calendar);
    if (!isInstance(instance)) throw invalid('Only a series can be split, at one of its instances.');
    const change = parseBody(eventBody, request);
    const following = calendar.split(instance, (master, recurrence) =>
      readContent(
        merged({ ...bodyOf(master, calendar.timeZone), recurrence }, change),
        calendar.timeZone,
        'google',
      ),
    );
    return shown(following, calendar);
  });
}

function summary(calendar: GoogleCalendar, world: World) {
  const { id, summary: name, timeZone, owner, primaryOf, unwatchable, members } = calendar;
  return {
    id,
    summary: name,
    timeZone,
    owner,
    primary: primaryOf !== undefined,
    unwatchable,
    members: [...members]
      .filter(([, { gone }]) => !gone)
      .map(([sub, member]) => ({ email: world.userBySub(sub)?.email, accessRole: member.accessRole })),
    channels: world.calendar.channels
      .aliveOn(id)
      .map(({ id: channelId, projectId, resourceId, address, expiration }) => ({
        id: channelId,
        projectId,
        resourceId,
        address,
        expiration: expiration.toISOString(),
      })),
  };
}
export type CalendarSummary = ReturnType<typeof summary>;
