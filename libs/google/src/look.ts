import { seconds } from '#time/clock';
import { failureOfAnswer, type ApiFailure } from './api-failure.js';

/** What one of Google's APIs answered to a question that changes nothing. */
export interface Seen {
  /** Null: no answer came, or not in time. */
  status: number | null;
  /** Parsed, when it was JSON. */
  body: unknown;
  /** What was asked, as evidence: method and address, without anything secret. */
  asked: string;
}

/** A person waits for the result, and several questions follow each other. */
const patienceMs = seconds(3);

/** Asks once, bounded in time. Never rejects. */
export async function look(
  address: string,
  { accessToken, body }: { accessToken: string; body?: unknown },
): Promise<Seen> {
  const method = body === undefined ? 'GET' : 'POST';
  const asked = `${method} ${address}`;
  try {
    const response = await fetch(address, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    return { status: response.status, body: parsed(await response.text()), asked };
  } catch {
    return { status: null, body: undefined, asked };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isAnswered = ({ status }: Seen): boolean => status !== null && status >= 200 && status < 300;

/** Whether Google had a bad moment, which says nothing about what was asked. */
export const isDisturbed = ({ status }: Pick<Seen, 'status'>): boolean =>
  status === null || status >= 500 || status === 408 || status === 429;

/** An answer that is no success; one that never came has status null. */
export const failureSeen = ({ status, body }: Seen): ApiFailure =>
  status === null
    ? { ...failureOfAnswer({ status: 0, body: undefined }), status: null, message: 'no answer in time' }
    : failureOfAnswer({ status, body });

/** A refusal in Google's own words, for the evidence. */
export const inGooglesWords = (seen: Seen): string => {
  const { status, message } = failureSeen(seen);
  return status === null ? 'No answer came in time.' : `HTTP ${status}: ${message}`;
};
