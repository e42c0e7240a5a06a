import { definitionOf, describeProblem, type Problem, type ProblemCode } from '#problems/problem';

/** Where the code says more than the kind of problem does. */
const byCode: Partial<Record<ProblemCode, number>> = {
  'request.invalid': 400,
  'request.unauthenticated': 401,
  'request.forbidden': 403,
  'request.too-large': 413,
  'request.too-many-listeners': 429,
  'request.not-found': 404,
  'mailbox.not-found': 404,
  'parked.not-found': 404,
  'message.not-found': 404,
  'calendar-provider.not-found': 404,
  'mailbox.label-unknown': 422,
  'calendar.unknown': 422,
  'google-app.refused': 422,
  'stream.busy': 409,
  'service.failed': 500,
  'authorization.state-unknown': 400,
};

/** The one place that knows how a problem looks in HTTP. */
export function statusOf({ code }: Problem): number {
  const { kind } = definitionOf(code);
  return byCode[code] ?? (kind === 'transient' ? 503 : 409);
}

/** A problem as the API answers it, with RFC 9457's `title` and `status` and the host's `error` beside our own fields. */
export function problemBody(problem: Problem, correlationId: string): Record<string, unknown> {
  const { code, sentence, actor, remedy, link, cause } = describeProblem(problem);
  return {
    code,
    sentence,
    actor,
    remedy,
    link: link ?? null,
    cause,
    correlationId,
    title: sentence,
    status: statusOf(problem),
    error: sentence,
  };
}
