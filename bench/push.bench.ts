import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { freePort } from '#servers/child-server';
import { startNats } from '#servers/nats-server';

/**
 * How many of Google's pushes the gateway takes a second, against the least that is needed: a bare Fastify route that
 * publishes the same bytes to the same stream and answers after the confirmation. Each server is a process of its own;
 * round by round, so that only the ratio matters.
 * `node dist/bench/push.bench.js [--rounds 5] [--seconds 5] [--out results.jsonl]`
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});

export interface PushServer {
  url: string;
  authorization: string;
}

const connections = 32;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function start(
  kind: 'floor' | 'gateway',
  natsUrl: string,
): Promise<{ server: PushServer; child: ChildProcess }> {
  const child = fork(join(import.meta.dirname, 'push-server.js'), [kind, natsUrl]);
  const server = await new Promise<PushServer>((resolve, reject) => {
    child.once('message', (message) => resolve(message as PushServer));
    child.once('exit', (code) => reject(new Error(`The ${kind} ended with ${code}.`)));
  });
  return { server, child };
}

const body = JSON.stringify({
  message: {
    data: Buffer.from(JSON.stringify({ emailAddress: 'help@acme.example', historyId: 8127364 })).toString(
      'base64',
    ),
    messageId: '2070443601311540',
    publishTime: '2026-03-01T08:00:00.000Z',
  },
  subscription: 'projects/acme/subscriptions/gmail-webhook-t1',
});

const measure = ({ url, authorization }: PushServer, seconds: number) =>
  autocannon({
    url: `${url}/api/email/webhooks/google`,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body,
    connections,
    duration: seconds,
  });

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const storeDir = await mkdtemp(join(tmpdir(), `push-bench-${randomBytes(3).toString('hex')}-`));
const nats = await startNats({
  storeDir,
  port: await freePort(),
  cacheDir: join(process.cwd(), '.data', 'bin'),
  say: () => {},
});
const [floor, gateway] = [await start('floor', nats.url), await start('gateway', nats.url)];
try {
  const rounds: { floor: number; gateway: number; ratio: number; p99: number }[] = [];
  await measure(floor.server, 1);
  await measure(gateway.server, 1);
  for (let round = 0; round < Number(options.rounds); round++) {
    const ofFloor = await measure(floor.server, Number(options.seconds));
    const ofGateway = await measure(gateway.server, Number(options.seconds));
    if (ofFloor.non2xx + ofGateway.non2xx > 0) throw new Error('Some pushes were not taken.');
    const row = {
      floor: ofFloor.requests.average,
      gateway: ofGateway.requests.average,
      ratio: ofGateway.requests.average / ofFloor.requests.average,
      p99: ofGateway.latency.p99,
    };
    rounds.push(row);
    say(
      `round ${round + 1}: floor ${Math.round(row.floor)}/s, gateway ${Math.round(row.gateway)}/s (p99 ${row.p99} ms), ratio ${row.ratio.toFixed(2)}`,
    );
  }
  say(`median ratio ${median(rounds.map(({ ratio }) => ratio)).toFixed(2)}`);
  const run = createHash('sha256').update(storeDir).digest('hex').slice(0, 8);
  if (options.out) await appendFile(options.out, `${JSON.stringify({ bench: 'push', run, rounds })}\n`);
} finally {
  floor.child.kill();
  gateway.child.kill();
  await nats.stop();
  await rm(storeDir, { recursive: true, force: true });
}
