import { z } from 'zod';
import {
  ChooseCalendars,
  DisconnectCalendar,
  ListAccountCalendars,
  PauseCalendar,
  ResumeCalendar,
} from '#contracts/calendar';
import { ResetCalendarProvider } from '#contracts/reset';
import type { Ask } from '#messaging/ask';
import { guarded, ownThings, relay, type Route } from '../api/route.js';
import { acknowledge, acknowledged, ofProvider } from '../providers/provider-requests.js';
import { calendarResetAnswer, resetRequest, underId } from '../reset/reset-requests.js';
import { refusalFor } from './calendar-requests.js';

const tag = 'Calendar providers';

/** What its owner, or an administrator, does with a calendar provider that is there. */
export const calendarOperatingRoutes = ({ ask }: { ask: Ask }): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/calendar/providers/:id/calendars',
    permission: ownThings,
    tag,
    summary: 'The connected account’s calendars as Google lists them now; the primary is proposed',
    params: ofProvider,
    answer: ListAccountCalendars.answer,
    refusals: ListAccountCalendars.refusals,
    handle: async ({ params: { id: providerId }, origin }, caller) => {
      const wish = { providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      return refusal ?? relay(await ask(ListAccountCalendars, { providerId }, origin));
    },
  }),
  guarded({
    method: 'PUT',
    path: '/api/calendar/providers/:id/calendars',
    permission: ownThings,
    tag,
    summary: 'Which of the account’s calendars are kept from now on, in place of those chosen before',
    params: ofProvider,
    body: z.strictObject({
      calendarIds: z
        .array(z.string().min(1).max(1_000))
        .max(50)
        .describe('`primary` stands for its real id.'),
    }),
    answer: ChooseCalendars.answer,
    refusals: ChooseCalendars.refusals,
    handle: async ({ params: { id: providerId }, body, origin }, caller) => {
      const wish = { providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      return refusal ?? relay(await ask(ChooseCalendars, { providerId, ...body }, origin));
    },
  }),
  guarded({
    method: 'POST',
    path: '/api/calendar/providers/:id/pause',
    permission: ownThings,
    tag,
    summary: 'Reads nothing more until resumed; nothing is lost meanwhile',
    params: ofProvider,
    body: z.strictObject({
      reason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']).default('manual'),
    }),
    answer: acknowledged,
    refusals: PauseCalendar.refusals,
    handle: async ({ params: { id: providerId }, body, origin }, caller) => {
      const wish = { providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      return refusal ?? relay(await ask(PauseCalendar, { providerId, ...body }, origin), acknowledge);
    },
  }),
  guarded({
    method: 'POST',
    path: '/api/calendar/providers/:id/resume',
    permission: ownThings,
    tag,
    summary: 'Compares all calendars again and goes on',
    params: ofProvider,
    answer: acknowledged,
    refusals: ResumeCalendar.refusals,
    handle: async ({ params: { id: providerId }, origin }, caller) => {
      const wish = { providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      return refusal ?? relay(await ask(ResumeCalendar, { providerId }, origin), acknowledge);
    },
  }),
  guarded({
    method: 'POST',
    path: '/api/calendar/providers/:id/disconnect',
    permission: ownThings,
    tag,
    summary: 'Stops the channels and forgets the permission; the provider and its choice stay',
    params: ofProvider,
    answer: acknowledged,
    refusals: DisconnectCalendar.refusals,
    handle: async ({ params: { id: providerId }, origin }, caller) => {
      const wish = { providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      if (refusal) return refusal;
      const data = { providerId, reason: `disconnected by ${caller.userId}` };
      return relay(await ask(DisconnectCalendar, data, origin), acknowledge);
    },
  }),
  guarded({
    method: 'POST',
    path: '/api/calendar/providers/:id/reset',
    permission: 'system_settings:update',
    tag,
    summary:
      'Puts the provider back to its beginning: channels, permission and reading positions are given up, and what Google could not be asked to end is named. Settings, choice and history stay',
    params: ofProvider,
    body: resetRequest,
    answer: calendarResetAnswer,
    refusals: ResetCalendarProvider.refusals,
    handle: async ({ params: { id: providerId }, body, origin }) =>
      relay(await ask(ResetCalendarProvider, { providerId, ...body }, origin), underId),
  }),
];
