import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { World } from '../world.js';
import { READ_EVENTS, visit, visitToWrite, type Visit } from './access.js';
import {
  conditionNotMet,
  deleted,
  forbiddenForNonOrganizer,
  invalid,
  notFound,
  required,
} from './calendar-refusals.js';
import { etagOf, eventResource, tombstone, type CalendarEvent } from './event.js';
import { bodyOf, merged, readContent, type EventBody } from './event-body.js';
import { listEvents } from './event-list.js';
import { startOf } from './event-time.js';

const events = '/calendar/v3/calendars/:calendarId/events';
const CREATABLE = ['default', 'birthday', 'focusTime', 'outOfOffice', 'workingLocation'];
const OWN_COPY = ['attendees', 'colorId', 'extendedProperties', 'reminders', 'transparency', 'visibility'];

/** The `events` collection of Calendar's REST API v3. */
export function registerEvents(app: FastifyInstance, world: World): void {
  app.get(events, (request) => {
    const visitor = visit(world, request, READ_EVENTS);
    const { settings, sequence } = world.calendar;
    const query = request.query as Record<string, unknown>;
    return listEvents(query, { ...visitor, settings, sequence, now: world.now() });
  });

  app.post(events, (request, reply) => {
    const visitor = visitToWrite(world, request);
    const { calendar, caller } = visitor;
    const body = bodyIn(request);
    const { id, iCalUID } = z
      .looseObject({ id: z.string().optional(), iCalUID: z.string().optional() })
      .parse(body);
    if (id !== undefined && !/^[a-v0-9]{5,1024}$/.test(id)) throw invalid('Invalid resource id value.');
    const content = readContent(body, calendar.timeZone);
    if (!CREATABLE.includes(String(content.details['eventType']))) throw invalid('Invalid event type.');
    const event = calendar.insert(content, {
      creator: caller.user.email,
      ...(id !== undefined && { id }),
      ...(iCalUID !== undefined && { iCalUID }),
    });
    return shown(visitor, event, reply);
  });

  app.get(`${events}/:eventId`, (request, reply) => {
    const visitor = visit(world, request, READ_EVENTS);
    const event = visitor.calendar.at(eventId(request));
    if (request.headers['if-none-match'] === etagOf(event)) return reply.code(304).send();
    return shown(visitor, event, reply);
  });

  const change = (request: FastifyRequest, reply: FastifyReply, isPatch: boolean) => {
    const visitor = visitToWrite(world, request);
    const { calendar } = visitor;
    const event = calendar.at(eventId(request));
    requireMatch(request, event);
    const before = bodyOf(event, calendar.timeZone);
    const { eventType } = event.details;
    const body = isPatch ? merged(before, bodyIn(request)) : { eventType, ...bodyIn(request) };
    const content = readContent(body, calendar.timeZone);
    requireOrganizer(event, calendar.owner, bodyIn(request));
    return shown(visitor, calendar.write(event, content), reply);
  };
  app.patch(`${events}/:eventId`, (request, reply) => change(request, reply, true));
  app.put(`${events}/:eventId`, (request, reply) => change(request, reply, false));

  app.delete(`${events}/:eventId`, (request, reply) => {
    const { calendar } = visitToWrite(world, request);
    const event = calendar.at(eventId(request));
    if (event.status === 'cancelled') throw deleted();
    requireMatch(request, event);
    calendar.remove(event);
    return reply.code(204).send();
  });

  app.get(`${events}/:eventId/instances`, (request) => {
    const visitor = visit(world, request, READ_EVENTS);
    const { calendar, caller, member } = visitor;
    const master = calendar.events.get(eventId(request));
    if (!master?.recurrence) throw notFound();
    if (master.status === 'cancelled') throw deleted();
    const query = z
      .looseObject({
        maxResults: z.coerce.number().int().positive().default(250),
        pageToken: z.coerce.number().int().nonnegative().default(0),
        showDeleted: z.string().optional(),
        timeMin: z.iso.datetime({ offset: true }).optional(),
        timeMax: z.iso.datetime({ offset: true }).optional(),
      })
      .parse(request.query);
    const from = query.timeMin === undefined ? -Infinity : Date.parse(query.timeMin);
    const to = query.timeMax === undefined ? Infinity : Date.parse(query.timeMax);
    const all = calendar
      .instancesOf(master)
      .filter(({ status }) => status !== 'cancelled' || query.showDeleted === 'true')
      .filter(
        ({ start, end }) => startOf(end, calendar.timeZone) > from && startOf(start, calendar.timeZone) < to,
      );
    const end = query.pageToken + Math.min(query.maxResults, world.calendar.settings.largestPage);
    const view = { timeZone: calendar.timeZone, self: caller.user.email };
    return {
      kind: 'calendar#events',
      summary: calendar.summary,
      timeZone: calendar.timeZone,
      accessRole: member.accessRole,
      ...(end < all.length && { nextPageToken: String(end) }),
      items: all
        .slice(query.pageToken, end)
        .map((one) => (one.status === 'cancelled' ? tombstone(one, true, view) : eventResource(one, view))),
    };
  });
}

function bodyIn(request: FastifyRequest): EventBody {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw required('Missing body.');
  return body as EventBody;
}

const eventId = (request: FastifyRequest): string => (request.params as { eventId: string }).eventId;

function requireMatch(request: FastifyRequest, event: CalendarEvent): void {
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== '*' && wanted !== etagOf(event)) throw conditionNotMet();
}

/** Guests change their own copy's fields only. */
function requireOrganizer({ details }: CalendarEvent, owner: string, body: EventBody): void {
  const { email } = (details['organizer'] ?? {}) as { email?: string };
  const isGuest = email !== undefined && email !== owner && details['guestsCanModify'] !== true;
  if (isGuest && Object.keys(body).some((name) => !OWN_COPY.includes(name))) throw forbiddenForNonOrganizer();
}

function shown({ calendar, caller, member }: Visit, event: CalendarEvent, reply: FastifyReply) {
  void reply.header('etag', etagOf(event));
  const busyOnly = member.accessRole === 'freeBusyReader';
  return eventResource(event, { timeZone: calendar.timeZone, self: caller.user.email, busyOnly });
}
