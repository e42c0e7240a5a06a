/** An answer as it came, kept to be searched for secrets in the end. */
export interface HttpAnswer {
  request: string;
  status: number;
  headers: string;
  text: string;
}

export interface Visit {
  token?: string;
  body?: unknown;
}

/** Whoever calls the HTTP API; remembers every answer, if asked to. */
export class Visitor {
  readonly answers: HttpAnswer[] = [];

  constructor(private readonly remembers = true) {}

  async visit(method: string, url: string, { token, body }: Visit = {}): Promise<HttpAnswer> {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = {
      request: `${method} ${new URL(url).pathname}`,
      status: response.status,
      headers: JSON.stringify([...response.headers]),
      text: Buffer.from(await response.arrayBuffer()).toString('utf8'),
    };
    if (this.remembers) this.answers.push(answer);
    return answer;
  }
}
