import type { FastifyRequest } from 'fastify';
import { authenticate, requireApi, requireScope, type Caller } from '../bearer.js';
import type { World } from '../world.js';
import { needsWriter, notACalendarUser, notFound, rateLimitExceeded } from './calendar-refusals.js';
import { ACCESS_ROLES, type GoogleCalendar, type Member } from './google-calendar.js';

const SCOPE = 'https://www.googleapis.com/auth/calendar';
const FULL = [SCOPE];
export const READ_LIST = [
  ...FULL,
  `${SCOPE}.readonly`,
  `${SCOPE}.calendarlist`,
  `${SCOPE}.calendarlist.readonly`,
];
export const READ_CALENDARS = [
  ...FULL,
  `${SCOPE}.readonly`,
  `${SCOPE}.calendars`,
  `${SCOPE}.calendars.readonly`,
];
export const WRITE_EVENTS = [...FULL, `${SCOPE}.events`];
export const READ_EVENTS = [...WRITE_EVENTS, `${SCOPE}.readonly`, `${SCOPE}.events.readonly`];

export type CallingUser = Extract<Caller, { kind: 'user' }>;

/** The checks before every Calendar call, in Google's order: token, API, scope, is there a Calendar, quota. */
export function enter(world: World, request: FastifyRequest, scopes: readonly string[]): CallingUser {
  const caller = authenticate(world, request);
  requireApi(caller.project, 'calendar-json.googleapis.com');
  requireScope(caller, ...scopes);
  if (caller.kind === 'service-account' || !world.calendar.primaryOf(caller.user)) throw notACalendarUser();
  spend(world, caller);
  return caller;
}

export interface Visit {
  readonly caller: CallingUser;
  readonly calendar: GoogleCalendar;
  readonly member: Member;
}

/** Enters one calendar: the path's `calendarId`. @throws GoogleError 404 when the caller does not see it */
export function visit(world: World, request: FastifyRequest, scopes: readonly string[]): Visit {
  const caller = enter(world, request, scopes);
  const seen = world.calendar.seenBy(caller.user, (request.params as { calendarId: string }).calendarId);
  if (!seen) throw notFound();
  return { caller, ...seen };
}

/** As `visit`, to write. @throws GoogleError 403 `requiredAccessLevel` */
export function visitToWrite(world: World, request: FastifyRequest): Visit {
  const visitor = visit(world, request, WRITE_EVENTS);
  const { accessRole } = visitor.member;
  if (ACCESS_ROLES.indexOf(accessRole) < ACCESS_ROLES.indexOf('writerWithoutPrivateAccess'))
    throw needsWriter();
  return visitor;
}

function spend(world: World, { project, user }: CallingUser): void {
  const { quota, settings } = world.calendar;
  const now = world.now();
  if (quota.spend(`${project.id} ${user.sub}`, 1, settings.requestsPerMinutePerUser, now))
    throw rateLimitExceeded(settings.quotaRefusal, true);
  if (quota.spend(project.id, 1, settings.requestsPerMinutePerProject, now))
    throw rateLimitExceeded(settings.quotaRefusal, false);
}
