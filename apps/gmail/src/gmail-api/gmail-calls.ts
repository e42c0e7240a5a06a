import { createHash } from 'node:crypto';
import { gmail as openGmail, type gmail_v1 } from '@googleapis/gmail';
import { GetAccessToken } from '#contracts/oauth';
import { failureOfHttpError } from '#google/api-failure';
import { googleEndpoints } from '#google/endpoints';
import { gmailProblemOf } from '#google/gmail-failure';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { measureGoogleCall } from '#operating/meters';
import { problem } from '#problems/problem';
import { minutes, seconds } from '#time/clock';
import type { GmailResult } from './gmail-result.js';

export type GmailMeans = Pick<Means, 'ask' | 'clock' | 'configuration'>;

export interface GmailAccess {
  tenantId: string;
  providerId: string;
}

type How = Pick<gmail_v1.Options, 'headers' | 'signal' | 'timeout'>;

/** Puts one question to Gmail and reads its answer. */
export type GmailCall = <Answer, Value>(
  request: (gmail: gmail_v1.Gmail, how: How) => Promise<{ data: Answer }>,
  read: (answer: Answer) => Value,
) => Promise<GmailResult<Value>>;

/** Whoever asked waits for half a minute. */
const timeout = seconds(20);
/** For a message of 35 MB, which travels as 50 MB of text. */
export const timeoutOfMessages = minutes(2);
const spare = seconds(60);
/** Longer than oauth waits for Google. A question that gets lost while oauth is restarted costs this long. */
const tokenPatience = seconds(12);

/** Asks oauth for an access token when there is none left, and once more when Gmail refuses one. */
export function callerFor(
  means: GmailMeans,
  { tenantId, providerId }: GmailAccess,
  origin: Origin,
  { signal }: { signal?: AbortSignal },
): GmailCall {
  const rootUrl = `${googleEndpoints(means.configuration.google.simulatorUrl).gmail}/`;
  const gmail = openGmail({ version: 'v1', rootUrl, retry: false, timeout });
  let held: { accessToken: string; expiresAt: string } | undefined;

  const token = async (refused?: string): Promise<GmailResult<string>> => {
    const usable = held && Date.parse(held.expiresAt) - spare > means.clock.now().getTime();
    if (usable && refused === undefined) return { ok: true, value: held!.accessToken };
    const refusedTokenHash = refused && createHash('sha256').update(refused).digest('hex');
    const data = { providerId, ...(refusedTokenHash && { refusedTokenHash }) };
    const asked = means.ask(GetAccessToken, data, { ...origin, tenantId }, { timeoutMs: tokenPatience });
    const reply = await unlessCalledOff(asked, signal);
    if (reply === null) return { ok: false, problem: problem('gmail.unavailable', { detail: 'called off' }) };
    if (!reply.ok) return reply;
    held = reply.value;
    return { ok: true, value: held.accessToken };
  };

  return async (request, read) => {
    let refused: string | undefined;
    for (;;) {
      const given = await token(refused);
      if (!given.ok) return given;
      try {
        const how = { headers: { authorization: `Bearer ${given.value}` }, ...(signal && { signal }) };
        const answer = await measureGoogleCall('gmail', () => request(gmail, how), failureOfHttpError);
        return { ok: true, value: read(answer.data) };
      } catch (error) {
        const failure = failureOfHttpError(error);
        if (failure.status === 401 && refused === undefined) refused = given.value;
        else return { ok: false, ...gmailProblemOf(failure, means.clock.now()) };
      }
    }
  };
}

/** null as soon as the signal aborts: a process that ends does not wait for answers. */
function unlessCalledOff<Answer>(work: Promise<Answer>, signal?: AbortSignal): Promise<Answer | null> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const callOff = (): void => resolve(null);
    if (signal.aborted) return callOff();
    signal.addEventListener('abort', callOff);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', callOff));
  });
}
