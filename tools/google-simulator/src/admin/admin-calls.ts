/** JSON calls to the simulator's own paths. */
export class AdminCalls {
  constructor(readonly url: string) {}

  /** @throws Error with the simulator's message when it refuses. */
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
    if (!response.ok) throw new Error(`${method} /simulator${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
