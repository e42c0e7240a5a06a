import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    message: {
      data: string;
      messageId: string;
      message_id: string;
      publishTime: string;
      publish_time: string;
    };
    subscription: string;
    deliveryAttempt?: number;
  };
}

/** For specs: a push endpoint that answers with the next status in line, and the last one from then on; 0 is never answered. */
export class PushEndpoint {
  readonly received: ReceivedPush[] = [];
  private readonly arrivals = new EventEmitter();

  private constructor(
    private readonly server: Server,
    private readonly statuses: number[],
  ) {}

  static async answering(...statuses: number[]): Promise<PushEndpoint> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as ReceivedPush['body'];
        endpoint.received.push({ headers: request.headers, body });
        endpoint.arrivals.emit('push');
        const status = endpoint.statuses.length > 1 ? endpoint.statuses.shift()! : endpoint.statuses[0]!;
        if (status > 0) response.writeHead(status).end();
      });
    });
    const endpoint = new PushEndpoint(server, statuses);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/push`;
  }

  get texts(): string[] {
    return this.received.map(({ body }) => Buffer.from(body.message.data, 'base64').toString());
  }

  get messageIds(): string[] {
    return this.received.map(({ body }) => body.message.messageId);
  }

  async next(count: number): Promise<void> {
    while (this.received.length < count) await once(this.arrivals, 'push');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
