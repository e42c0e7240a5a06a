import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { AddCalendarProvider, RenameCalendarProvider, RemoveCalendar } from '#contracts/calendar';
import type { EventStore } from '#event-sourcing/event-store';
import type { Ask } from '#messaging/ask';
import type { Clock } from '#time/clock';
import { guarded, ownThings, relay, type Caller, type Route } from '../api/route.js';
import { happening, historyOfCalendars } from '../history/history.js';
import { acknowledge, acknowledged, ofProvider } from '../providers/provider-requests.js';
import { asOf, asOfNow, asOfPast, calendarStatusAt, momentOf, ofMoment } from '../status/status-at.js';
import {
  calendarProviderAnswer,
  calendarViewOf,
  isVisible,
  newCalendarProvider,
  refusalFor,
  unseen,
} from './calendar-requests.js';
import { calendarProviderStatus } from './derive-calendar-status.js';
import { type CalendarProviderWithStatus, calendarStatusesOf } from './read-calendar-statuses.js';

export interface CalendarProvidersMeans {
  ask: Ask;
  database: DataSource;
  clock: Clock;
  store: EventStore;
}

const tag = 'Calendar providers';
const notFound = 'calendar-provider.not-found' as const;

/** Each belongs to a user: the owner and administrators change it, who may read the settings sees it. */
export function calendarProvidersRoutes({ ask, database, clock, store }: CalendarProvidersMeans): Route[] {
  const visible = async (caller: Caller, id: string): Promise<CalendarProviderWithStatus | null> => {
    const [found] = await calendarStatusesOf(database, caller.tenantId, clock.now(), id);
    return found && isVisible(caller, found.calendar.userId, 'system_settings:read') ? found : null;
  };
  return [
    guarded({
      method: 'POST',
      path: '/api/calendar/providers',
      permission: ownThings,
      tag,
      summary:
        'Adds a calendar provider of the caller’s own, disconnected. 409 while the setup is incomplete',
      status: 201,
      body: newCalendarProvider,
      answer: acknowledged,
      refusals: AddCalendarProvider.refusals,
      handle: async ({ body, origin }, { userId }) => {
        const reply = await ask(AddCalendarProvider, { providerId: randomUUID(), userId, ...body }, origin);
        return reply.ok ? { status: 201, body: acknowledge(reply.value) } : { problem: reply.problem };
      },
    }),
    guarded({
      method: 'GET',
      path: '/api/calendar/providers',
      permission: ownThings,
      tag,
      summary:
        'The caller’s calendar providers, each with its status; with system_settings:read all of the tenant',
      answer: z.object({ providers: z.array(calendarProviderAnswer) }),
      handle: async (_, caller) => {
        const found = await calendarStatusesOf(database, caller.tenantId, clock.now());
        const shown = found.filter(({ calendar }) =>
          isVisible(caller, calendar.userId, 'system_settings:read'),
        );
        return { body: { providers: shown.map(calendarViewOf) } };
      },
    }),
    guarded({
      method: 'GET',
      path: '/api/calendar/providers/:id',
      permission: ownThings,
      tag,
      summary: 'A calendar provider with its status',
      params: ofProvider,
      answer: calendarProviderAnswer,
      refusals: [notFound],
      handle: async ({ params: { id } }, caller) => {
        const found = await visible(caller, id);
        return found ? { body: calendarViewOf(found) } : unseen(id);
      },
    }),
    guarded({
      method: 'GET',
      path: '/api/calendar/providers/:id/status',
      permission: ownThings,
      tag,
      summary:
        'Whether changes come in, for each calendar, and if not, why, since when, who must act, and how; with `at` as it was at a past moment',
      params: ofProvider,
      query: ofMoment,
      answer: z.object({ providerId: z.string(), ...calendarProviderStatus.shape, ...asOf.shape }),
      refusals: [notFound],
      handle: async ({ params: { id }, query }, caller) => {
        const now = clock.now();
        const moment = momentOf(query, now);
        if (moment && 'problem' in moment) return moment;
        if (!moment) {
          const found = await visible(caller, id);
          return found ? { body: { providerId: id, ...found.status, ...asOfNow(now) } } : unseen(id);
        }
        const found = await calendarStatusAt(store, caller.tenantId, id, moment.at);
        if (found === 'absent') return unseen(id);
        if ('notYet' in found)
          return caller.permissions.includes('system_settings:read')
            ? { problem: found.problem }
            : unseen(id);
        return isVisible(caller, found.calendar.userId, 'system_settings:read')
          ? { body: { providerId: id, ...found.status, ...asOfPast(moment.at) } }
          : unseen(id);
      },
    }),
    guarded({
      method: 'GET',
      path: '/api/calendar/providers/:id/history',
      permission: 'system_settings:read',
      tag,
      summary: 'What happened to a calendar provider, newest last: the latest 500. Removed ones keep theirs',
      params: ofProvider,
      answer: z.object({ history: z.array(happening), total: z.number().int() }),
      refusals: [notFound],
      handle: async ({ params: { id } }, { tenantId }) => {
        const all = await historyOfCalendars(store, tenantId, id);
        return all ? { body: { history: all.slice(-500), total: all.length } } : unseen(id);
      },
    }),
    guarded({
      method: 'PATCH',
      path: '/api/calendar/providers/:id',
      permission: ownThings,
      tag,
      summary: 'Gives a calendar provider another name',
      params: ofProvider,
      body: z.strictObject({ name: z.string().trim().min(1).max(200) }),
      answer: acknowledged,
      refusals: RenameCalendarProvider.refusals,
      handle: async ({ params: { id }, body, origin }, caller) => {
        const wish = { providerId: id, permission: 'system_settings:update' as const };
        const refusal = await refusalFor(ask, wish, caller, origin);
        if (refusal) return refusal;
        return relay(await ask(RenameCalendarProvider, { providerId: id, ...body }, origin), acknowledge);
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/api/calendar/providers/:id',
      permission: ownThings,
      tag,
      summary: 'Disconnects and removes a calendar provider; its history stays',
      params: ofProvider,
      answer: acknowledged,
      refusals: RemoveCalendar.refusals,
      handle: async ({ params: { id }, origin }, caller) => {
        const wish = { providerId: id, permission: 'system_settings:update' as const };
        const refusal = await refusalFor(ask, wish, caller, origin);
        if (refusal) return refusal;
        const data = { providerId: id, reason: `removed by ${caller.userId}` };
        return relay(await ask(RemoveCalendar, data, origin), acknowledge);
      },
    }),
  ];
}
