import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OperatorBoard } from './operator-board.js';

export interface OperatorServer {
  url: string;
  close(): Promise<void>;
}

export interface OperatorAnswer {
  status: number;
  contentType: string;
  body: string;
}

const json = (status: number, body: unknown): OperatorAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

/** What an operator's address answers, wherever it listens; null: nothing. */
export async function operatorAnswer(board: OperatorBoard, path: string): Promise<OperatorAnswer | null> {
  switch (path) {
    case '/health':
      // That this is answered at all says that the process lives and gets round to answering.
      return json(200, { status: 'ok' });
    case '/ready': {
      const { ready, services } = await board.readiness();
      return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not-ready', services });
    }
    case '/metrics':
      return { status: 200, contentType: board.contentType, body: await board.metrics() };
    default:
      return null;
  }
}

/** A small server for operators and their Prometheus, apart from whatever the world can reach. Rejects when it cannot listen. */
export async function startOperatorServer(
  board: OperatorBoard,
  { host, port }: { host: string; port: number },
): Promise<OperatorServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]!;
    const answered = request.method === 'GET' ? operatorAnswer(board, path) : Promise.resolve(null);
    answered.then(
      (answer) => {
        const { status, contentType, body } = answer ?? json(404, { status: 'not-found' });
        response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
      },
      () => response.writeHead(500).end(),
    );
  });
  server.requestTimeout = 10_000;
  await listening(server, port, host);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listening = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
