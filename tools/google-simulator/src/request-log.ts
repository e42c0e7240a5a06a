export interface LoggedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Record<string, string>;
  /** Fields of a form body, secrets redacted; empty for any other body. */
  readonly form: Record<string, string>;
  /** E-mail of the user or service account, else the OAuth client's id, else absent. */
  caller?: string;
  /** Absent while unanswered, and for good when the connection was dropped. */
  status?: number;
  /** ISO instant of the simulated clock. */
  readonly at: string;
}

const SECRET = new Set([
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_challenge',
  'code_verifier',
  'id_token',
  'key',
  'password',
  'refresh_token',
  'state',
  'nonce',
  'token',
]);
const KEPT = 10_000;

export function redacted(fields: Iterable<[string, string]>): Record<string, string> {
  return Object.fromEntries(
    Array.from(fields, ([name, value]) => [name, SECRET.has(name) ? 'REDACTED' : value]),
  );
}

/** The latest requests to Google's paths, oldest first. The simulator's own paths are not in it. */
export class RequestLog {
  private requests: LoggedRequest[] = [];

  add(request: LoggedRequest): LoggedRequest {
    this.requests.push(request);
    if (this.requests.length > KEPT) this.requests.shift();
    return request;
  }

  list(): readonly LoggedRequest[] {
    return this.requests;
  }

  clear(): void {
    this.requests = [];
  }
}
