import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { enter, READ_CALENDARS, READ_LIST, visit } from './access.js';
import { fullSyncRequired, invalid } from './calendar-refusals.js';
import type { GoogleCalendar, Member } from './google-calendar.js';
import {
  decodePageToken,
  decodeSyncToken,
  encodePageToken,
  encodeSyncToken,
  pageOf,
  sortable,
} from './tokens.js';

const list = '/calendar/v3/users/:user/calendarList';
const LARGEST_PAGE = 250;
const query = z.looseObject({
  maxResults: z.coerce.number().int().positive().default(100),
  pageToken: z.string().optional(),
  syncToken: z.string().optional(),
  showDeleted: z.string().optional(),
  showHidden: z.string().optional(),
  minAccessRole: z.enum(['freeBusyReader', 'reader', 'writer', 'owner']).optional(),
});
const RISING = ['freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'];

/** The account's list of calendars, and calendars on their own. */
export function registerCalendarLists(app: FastifyInstance, world: World): void {
  app.get(list, (request) => {
    const { user } = enter(world, request, READ_LIST);
    const wish = query.parse(request.query);
    const { settings, sequence } = world.calendar;
    const token = wish.syncToken === undefined ? undefined : decodeSyncToken(wish.syncToken);
    if (token) {
      if (wish.minAccessRole)
        throw invalid('Sync token cannot be used together with minAccessRole.', 'minAccessRole');
      const isOld = token.issuedAt < world.now().getTime() - settings.syncTokenLifetimeMs;
      if (token.of !== 'list' || token.sub !== user.sub || isOld) throw fullSyncRequired();
    }
    const least = RISING.indexOf(wish.minAccessRole ?? 'freeBusyReader');
    const entries = world.calendar
      .listOf(user)
      .filter(({ member }) =>
        token
          ? member.change > token.upTo
          : (!member.gone || wish.showDeleted === 'true') && (!member.hidden || wish.showHidden === 'true'),
      )
      .filter(({ member }) => RISING.indexOf(member.accessRole) >= least)
      .sort((a, b) => a.member.change - b.member.change);
    const page = pageOf(
      entries,
      ({ member }) => sortable(member.change),
      Math.min(wish.maxResults, LARGEST_PAGE),
      { upTo: sequence, emptyPages: 0 },
      wish.pageToken === undefined ? undefined : decodePageToken(wish.pageToken),
    );
    const next = { of: 'list', sub: user.sub, upTo: page.upTo, issuedAt: world.now().getTime(), fixed: '' };
    return {
      kind: 'calendar#calendarList',
      etag: `"p${sequence}"`,
      ...(page.next
        ? { nextPageToken: encodePageToken(page.next) }
        : { nextSyncToken: encodeSyncToken(next) }),
      items: page.items.map(({ calendar, member }) => entry(calendar, member, user)),
    };
  });

  app.get(`${list}/:calendarId`, (request) => {
    const { calendar, member, caller } = visit(world, request, READ_LIST);
    return entry(calendar, member, caller.user);
  });

  app.get('/calendar/v3/calendars/:calendarId', (request) => {
    const { calendar, member } = visit(world, request, READ_CALENDARS);
    const { id, summary, timeZone } = calendar;
    return { kind: 'calendar#calendar', etag: etag(member), id, summary, timeZone };
  });
}

function entry(calendar: GoogleCalendar, member: Member, user: GoogleUser) {
  const { id, summary, timeZone, primaryOf, owner } = calendar;
  if (member.gone) return { kind: 'calendar#calendarListEntry', etag: etag(member), id, deleted: true };
  return {
    kind: 'calendar#calendarListEntry',
    etag: etag(member),
    id,
    summary,
    timeZone,
    ...(primaryOf === undefined && { dataOwner: owner }),
    colorId: '1',
    selected: true,
    ...(member.hidden && { hidden: true }),
    accessRole: member.accessRole,
    defaultReminders: [],
    ...(primaryOf === user.sub && { primary: true }),
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  };
}

const etag = ({ change }: Member): string => `"${1_700_000_000_000_000 + change}"`;
