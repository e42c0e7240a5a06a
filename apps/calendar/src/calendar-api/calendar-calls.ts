import { createHash } from 'node:crypto';
import { calendar as openCalendar, type calendar_v3 } from '@googleapis/calendar';
import { GetAccessToken } from '#contracts/oauth';
import { failureOfHttpError } from '#google/api-failure';
import { type CalendarAttempt, calendarProblemOf, refusesAddress } from '#google/calendar-failure';
import { googleEndpoints } from '#google/endpoints';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { measureGoogleCall } from '#operating/meters';
import { seconds } from '#time/clock';
import type { CalendarResult } from './calendar-result.js';

export type CalendarMeans = Pick<Means, 'ask' | 'clock' | 'configuration'>;

export interface CalendarAccess {
  tenantId: string;
  providerId: string;
}

type How = Pick<calendar_v3.Options, 'headers' | 'signal' | 'timeout'>;

/** Puts one question to Google Calendar and reads its answer. */
export type CalendarCall = <Answer, Value>(
  request: (calendar: calendar_v3.Calendar, how: How) => Promise<{ data: Answer }>,
  read: (answer: Answer) => Value,
  attempt?: CalendarAttempt,
) => Promise<CalendarResult<Value>>;

/** Whoever asked waits for half a minute. */
const timeout = seconds(20);
const spare = seconds(60);

/** Asks oauth for an access token when there is none left, and once more when Google refuses one. */
export function callerFor(
  means: CalendarMeans,
  { tenantId, providerId }: CalendarAccess,
  origin: Origin,
  { signal }: { signal?: AbortSignal },
): CalendarCall {
  const rootUrl = `${googleEndpoints(means.configuration.google.simulatorUrl).calendar}/`;
  const calendar = openCalendar({ version: 'v3', rootUrl, retry: false, timeout });
  let held: { accessToken: string; expiresAt: string } | undefined;

  const token = async (refused?: string): Promise<CalendarResult<string>> => {
    const usable = held && Date.parse(held.expiresAt) - spare > means.clock.now().getTime();
    if (usable && refused === undefined) return { ok: true, value: held!.accessToken };
    const refusedTokenHash = refused && createHash('sha256').update(refused).digest('hex');
    const data = { providerId, ...(refusedTokenHash && { refusedTokenHash }) };
    const reply = await means.ask(GetAccessToken, data, { ...origin, tenantId });
    if (!reply.ok) return reply;
    held = reply.value;
    return { ok: true, value: held.accessToken };
  };

  return async (request, read, attempt = {}) => {
    let refused: string | undefined;
    for (;;) {
      const given = await token(refused);
      if (!given.ok) return given;
      try {
        const how = { headers: { authorization: `Bearer ${given.value}` }, ...(signal && { signal }) };
        const answer = await measureGoogleCall('calendar', () => request(calendar, how), failureOfHttpError);
        return { ok: true, value: read(answer.data) };
      } catch (error) {
        const failure = failureOfHttpError(error);
        const tokenRefused = failure.status === 401 && !refusesAddress(failure);
        if (tokenRefused && refused === undefined) refused = given.value;
        else return { ok: false, ...calendarProblemOf(failure, attempt, means.clock.now()) };
      }
    }
  };
}
