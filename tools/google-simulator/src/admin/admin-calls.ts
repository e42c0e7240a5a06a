/** What the simulator did not do, with its HTTP status and message. */
export class RefusedCall extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** JSON calls to the simulator's own paths. */
export class AdminCalls {
  constructor(readonly url: string) {}

  /** @throws RefusedCall when the simulator refuses. */
  call<Answer = void>(method: string, path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.send(method, path, {});
    return this.callRaw(method, path, 'application/json', Buffer.from(JSON.stringify(body)));
  }

  /** As `call`, with a body that is sent as it is. */
  callRaw<Answer = void>(method: string, path: string, contentType: string, body: Buffer): Promise<Answer> {
    return this.send(method, path, {
      headers: { 'content-type': contentType },
      body: new Uint8Array(body),
    });
  }

  private async send<Answer>(method: string, path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.url}/simulator${path}`, { ...init, method });
    const text = await response.text();
    if (!response.ok) {
      const message = `${method} /simulator${path} answered ${response.status}: ${text}`;
      throw new RefusedCall(response.status, message);
    }
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
