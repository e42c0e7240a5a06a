import { z } from 'zod';
import type { Configuration } from '#configuration/configuration';
import { ConnectCalendar } from '#contracts/calendar';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import { guarded, ownThings, type Route } from '../api/route.js';
import { openerOrigin } from '../connecting/opener-origin.js';
import { providerId } from '../providers/provider-requests.js';
import { refusalFor } from './calendar-requests.js';

export interface CalendarConnectingMeans {
  ask: Ask;
  configuration: Pick<Configuration, 'baseUrl' | 'gateway'>;
}

export const calendarConnectingRoutes = ({ ask, configuration }: CalendarConnectingMeans): Route[] => [
  guarded({
    method: 'POST',
    path: '/api/calendar/oauth/initiate',
    permission: ownThings,
    tag: 'Connecting',
    summary:
      'Begins the consent for an account’s calendars and answers the address of Google’s page, for a popup',
    body: z.strictObject({
      provider: z.literal('google').default('google'),
      providerId,
      openerOrigin: z.string().optional().describe('The origin of the page that opens the popup.'),
    }),
    answer: z.object({
      success: z.literal(true),
      authUrl: z.string(),
      provider: z.literal('google'),
      state: z.string(),
      expiresAt: z.iso.datetime(),
    }),
    refusals: ConnectCalendar.refusals,
    handle: async ({ body, headers, origin }, caller) => {
      const { baseUrl, gateway } = configuration;
      const opener = openerOrigin(
        { body: body.openerOrigin, header: headers['origin'] },
        { baseUrl, openerOrigins: gateway.openerOrigins },
      );
      if (!opener.ok) {
        const detail = `openerOrigin has to be one of ${opener.allowed.join(', ')} (OPENER_ORIGINS).`;
        return { problem: problem('request.invalid', { detail }) };
      }
      const wish = { providerId: body.providerId, permission: 'system_settings:update' as const };
      const refusal = await refusalFor(ask, wish, caller, origin);
      if (refusal) return refusal;
      const data = { providerId: body.providerId, userId: caller.userId, openerOrigin: opener.origin };
      const reply = await ask(ConnectCalendar, data, origin);
      if (!reply.ok) return { problem: reply.problem };
      return { body: { success: true, provider: 'google', ...reply.value } };
    },
  }),
];
