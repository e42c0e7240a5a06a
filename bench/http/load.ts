import { connect, type Socket } from 'node:net';
import { percentile } from '../measuring/findings.js';
import { answerTheBenchmark } from '../measuring/program.js';

/** Requests as they go over the wire, taken in turn by connections that never wait but for the answer. */
export interface Load {
  port: number;
  requests: string[];
  connections: number;
  seconds: number;
  /** Every other answer fails the run: a fast refusal is no result. */
  status: number;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

answerTheBenchmark<Load, LoadResult>(async (load) => {
  const requests = load.requests.map((request) => Buffer.from(request));
  const begun = performance.now();
  const endsAt = begun + load.seconds * 1_000;
  const latencies: number[] = [];
  const step = Math.floor(requests.length / load.connections);
  await Promise.all(
    Array.from({ length: load.connections }, (_, n) =>
      keepAsking(load, requests, n * step, endsAt, latencies),
    ),
  );
  const seconds = (performance.now() - begun) / 1_000;
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
});

/** One kept-alive connection: the next request goes out when the answer to the last one is complete. */
function keepAsking(
  { port, status }: Load,
  requests: Buffer[],
  first: number,
  endsAt: number,
  latencies: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let next = first;
    let sentAt = 0;
    let received = '';
    const send = (): void => {
      sentAt = performance.now();
      socket.write(requests[next++ % requests.length]!);
    };
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(why));
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection.')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const length = lengthOf(received);
      if (length === null || received.length < length) return;
      const answered = performance.now();
      if (!received.startsWith(`HTTP/1.1 ${status}`)) return fail(`Not ${status} but:\n${received}`);
      latencies.push(answered - sentAt);
      received = received.slice(length);
      if (answered < endsAt) return send();
      socket.removeAllListeners('close');
      socket.end(resolve);
    });
  });
}

/** How long an answer is as a whole; null while its head is incomplete. */
function lengthOf(received: string): number | null {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const body = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head))?.[1] ?? '0';
  return head + 4 + Number(body);
}
