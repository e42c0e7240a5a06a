/** How a call to one of Google's APIs failed, as plain data: nothing of the request, and so no token, is in it. */
export interface ApiFailure {
  /** HTTP status, also for what a client library reports as a gRPC code; null when there was no answer. */
  status: number | null;
  /** Google's sentence, or what went wrong on the way to Google; never a whole page of HTML. */
  message: string;
  /** Of the `errors` list and of `google.rpc.ErrorInfo`, for example `rateLimitExceeded`, `SERVICE_DISABLED`. */
  reasons: string[];
  /** Types of a PreconditionFailure's violations, for example `constraints/iam.allowedPolicyMemberDomains`. */
  violations: string[];
  /** The project that Google names as the one without the API, without `projects/`. */
  consumer: string | null;
  /** The header `Retry-After` as it came: seconds or a date. */
  retryAfter: string | null;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(record) : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Google's texts may run over many lines and, from others than Google, hold anything. */
export const shortened = (message: string): string =>
  message
    .replace(/ya29\.[\w.-]+/g, '(token)')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);

/** What an HTTP answer of Google's says. `body` is the parsed JSON, or the text of whatever else came. */
export function failureOfAnswer(answer: {
  status: number;
  body: unknown;
  retryAfter?: string | null | undefined;
}): ApiFailure {
  const envelope = record(record(answer.body).error);
  const details = list(envelope.details);
  const errors = list(envelope.errors);
  return {
    status: answer.status,
    message: shortened(text(envelope.message) ?? `HTTP ${answer.status}`),
    ...ofDetails(details, errors),
    retryAfter: answer.retryAfter ?? null,
  };
}

function ofDetails(
  details: Record<string, unknown>[],
  errors: Record<string, unknown>[] = [],
): Pick<ApiFailure, 'reasons' | 'violations' | 'consumer'> {
  const consumers = details.map((detail) => text(record(detail.metadata).consumer));
  return {
    reasons: [...errors, ...details].flatMap(({ reason }) => text(reason) ?? []),
    violations: details.flatMap((detail) => list(detail.violations).flatMap(({ type }) => text(type) ?? [])),
    consumer: consumers.find((consumer) => consumer !== null)?.replace(/^projects\//, '') ?? null,
  };
}

const withoutAnswer = (message: string): ApiFailure => ({
  status: null,
  message: shortened(message),
  reasons: [],
  violations: [],
  consumer: null,
  retryAfter: null,
});

/**
 * What a Gmail client's error says. The error itself carries the whole request with its bearer token: it ends here, and is never
 * logged or thrown on.
 */
export function failureOfHttpError(error: unknown): ApiFailure {
  const { response, code, name } = record(error);
  const { status, data, headers } = record(response);
  if (typeof status !== 'number') return withoutAnswer(text(code) ?? text(name) ?? 'no answer');
  return failureOfAnswer({
    status,
    body: data,
    retryAfter: headerOf(headers, 'retry-after'),
  });
}

/** By what it can do: which class the headers are of depends on whose `fetch` the client library uses. */
function headerOf(headers: unknown, name: string): string | null {
  const { get } = record(headers);
  return typeof get === 'function' ? text(get.call(headers, name)) : null;
}

/** gRPC's codes, as Google's client libraries report them, and the HTTP status that each stands for. */
const httpStatus: Record<number, number> = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

/** What a Pub/Sub client's error says; like the above, the error ends here. */
export function failureOfRpcError(error: unknown): ApiFailure {
  const { code, message, statusDetails, reason, errorInfoMetadata, name } = record(error);
  const status = typeof code === 'number' ? httpStatus[code] : undefined;
  if (status === undefined) return withoutAnswer(text(code) ?? text(name) ?? 'no answer');
  const details = ofDetails(list(statusDetails));
  const ownReason = text(reason);
  const consumer = text(record(errorInfoMetadata).consumer)?.replace(/^projects\//, '') ?? null;
  return {
    status,
    message: shortened((text(message) ?? '').replace(/^\d+ [A-Z_]+: /, '')),
    reasons: ownReason ? [ownReason, ...details.reasons] : details.reasons,
    violations: details.violations,
    consumer: consumer ?? details.consumer,
    retryAfter: null,
  };
}
