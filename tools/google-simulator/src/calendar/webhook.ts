import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For specs: a webhook that answers with the next status in line, and the last one from then on. */
export class Webhook {
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  private readonly arrivals = new EventEmitter();

  private constructor(
    private readonly server: Server,
    private readonly statuses: number[],
  ) {}

  static async answering(...statuses: number[]): Promise<Webhook> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        webhook.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        webhook.arrivals.emit('notification');
        const status = webhook.statuses.length > 1 ? webhook.statuses.shift()! : webhook.statuses[0]!;
        response.writeHead(status).end();
      });
    });
    const webhook = new Webhook(server, statuses);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return webhook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
  }

  /** `sync` and `exists`, in the order of arrival. */
  get states(): string[] {
    return this.received.map(({ headers }) => String(headers['x-goog-resource-state']));
  }

  get messageNumbers(): number[] {
    return this.received.map(({ headers }) => Number(headers['x-goog-message-number']));
  }

  async next(count: number): Promise<void> {
    while (this.received.length < count) await once(this.arrivals, 'notification');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
