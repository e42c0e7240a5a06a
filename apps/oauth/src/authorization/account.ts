import { gmail } from '@googleapis/gmail';
import { OAuth2Client } from 'google-auth-library';
import { z } from 'zod';
import type { Product } from '#contracts/oauth';
import { failureOfAnswer, failureOfHttpError } from '#google/api-failure';
import type { GoogleEndpoints } from '#google/endpoints';
import { gmailProblemOf } from '#google/gmail-failure';
import { problem, type Problem } from '#problems/problem';
import type { Clock } from '#time/clock';

export type FoundAccount = { ok: true; account: string } | { ok: false; problem: Problem };

const patienceMs = 10_000;

/** Asks Google whose account a fresh access token opens. Never rejects. */
export function accountOf(
  endpoints: GoogleEndpoints,
  clock: Clock,
): (product: Product, accessToken: string) => Promise<FoundAccount> {
  return (product, accessToken) =>
    product === 'gmail' ? mailboxAddress(accessToken) : primaryCalendar(accessToken);

  async function mailboxAddress(accessToken: string): Promise<FoundAccount> {
    const auth = new OAuth2Client();
    auth.setCredentials({ access_token: accessToken });
    try {
      const api = gmail({ version: 'v1', rootUrl: `${endpoints.gmail}/`, auth });
      const { data } = await api.users.getProfile({ userId: 'me' }, { retry: false, timeout: patienceMs });
      return data.emailAddress
        ? { ok: true, account: data.emailAddress }
        : { ok: false, problem: problem('gmail.unavailable', { detail: 'a profile without an address' }) };
    } catch (error) {
      return { ok: false, problem: gmailProblemOf(failureOfHttpError(error), clock.now()).problem };
    }
  }

  /** The id of an account's primary calendar is its address. */
  async function primaryCalendar(accessToken: string): Promise<FoundAccount> {
    try {
      const response = await fetch(`${endpoints.www}/calendar/v3/calendars/primary`, {
        headers: { authorization: `Bearer ${accessToken}` },
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
      });
      const body: unknown = await response.json().catch(() => undefined);
      if (!response.ok) return { ok: false, problem: calendarProblem({ status: response.status, body }) };
      const calendar = z.object({ id: z.string().min(1) }).safeParse(body);
      return calendar.success
        ? { ok: true, account: calendar.data.id }
        : { ok: false, problem: unavailable('a calendar without an id') };
    } catch {
      return { ok: false, problem: unavailable('no answer') };
    }
  }
}

const unavailable = (detail: string): Problem => problem('google.sign-in-unavailable', { detail });

function calendarProblem(answer: { status: number; body: unknown }): Problem {
  const { status, message, reasons, consumer } = failureOfAnswer(answer);
  if (reasons.includes('accessNotConfigured') || reasons.includes('SERVICE_DISABLED'))
    return problem('calendar.api-disabled', consumer ? { projectId: consumer } : {});
  if (status !== null && (status >= 500 || status === 429)) return unavailable(`HTTP ${status}`);
  return problem('calendar.account-unreadable', { detail: message });
}
