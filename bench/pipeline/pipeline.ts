import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { join } from 'node:path';
import { DELIVERIES } from '#deliveries/streams';
import type { BenchOptions } from '../measuring/bench-options.js';
import { startEmbedded } from '../measuring/embedded.js';
import { percentile, ratio, type Finding } from '../measuring/findings.js';
import { inTemporaryFolder } from '../measuring/servers.js';
import { Arrivals } from './arrivals.js';
import { ConnectedRun } from './connected-run.js';

const mailboxesAtOnce = 8;
/** Below what the product lets one mailbox spend at once of Gmail's quota; above it, mail waits for the quota and not for us. */
const mailsEach = 40;

/** One mail from end to end; resolves when it is out. */
type SendMail = (mailbox: number) => Promise<void>;
/** A new way, with as many mailboxes that have received nothing yet. */
type OpenWay = (mailboxes: number) => Promise<SendMail>;

/**
 * From before a mail is handed to the simulated Google until a consumer has its delivery, on an embedded run in a process of its own. The
 * floor does the same without the product: the mail is put into a mailbox, two messages go through JetStream, and Google is asked what is
 * new and for the message.
 */
export const measurePipeline = ({ rounds, profileDir }: BenchOptions): Promise<Finding[]> =>
  inTemporaryFolder(async (folder) => {
    const dataDir = join(folder, 'data');
    const product = await startEmbedded(dataDir, profileDir);
    try {
      const run = await ConnectedRun.open(dataDir);
      await run.google.gmail.configure({
        dropNotificationsAboveOnePerSecond: false,
      });
      const nats = await connect({ servers: run.natsUrl });
      try {
        return await measureBoth(await throughTheProduct(run, nats), await bare(run, nats), rounds);
      } finally {
        await nats.close();
      }
    } finally {
      await product.stop();
    }
  });

interface Latencies {
  alone: number[][];
  many: number[][];
}

async function measureBoth(ours: OpenWay, floor: OpenWay, rounds: number): Promise<Finding[]> {
  const product: Latencies = { alone: [], many: [] };
  const bareWay: Latencies = { alone: [], many: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [open, seen] of [
      [floor, bareWay],
      [ours, product],
    ] as const) {
      const alone = await latencies(open, 1);
      const many = await latencies(open, mailboxesAtOnce);
      // The first round only warms up.
      if (round === 0) continue;
      seen.alone.push(alone);
      seen.many.push(many);
    }
  }
  const finding = (what: string, of: number[][], share: number): Finding => ({
    what,
    unit: 'ms',
    rounds: of.map((latency) => percentile(latency, share)),
  });
  const compared = (name: string, of: keyof Latencies): Finding[] => {
    const p50 = finding(`${name}, p50`, product[of], 0.5);
    const p99 = finding(`${name}, p99`, product[of], 0.99);
    const floorP50 = finding(`${name}, floor, p50`, bareWay[of], 0.5);
    const floorP99 = finding(`${name}, floor, p99`, bareWay[of], 0.99);
    return [p50, p99, floorP50, floorP99, ratio(`${name}, p50 / floor`, p50, floorP50)];
  };
  return [...compared('one mailbox', 'alone'), ...compared(`${mailboxesAtOnce} mailboxes at once`, 'many')];
}

/** Each mailbox gets its next mail when the last one is out. */
async function latencies(open: OpenWay, mailboxes: number): Promise<number[]> {
  const send = await open(mailboxes);
  const taken: number[] = [];
  await Promise.all(
    Array.from({ length: mailboxes }, async (_, mailbox) => {
      for (let n = 0; n < mailsEach; n++) {
        const begun = performance.now();
        await send(mailbox);
        taken.push(performance.now() - begun);
      }
    }),
  );
  return taken;
}

const mail = {
  from: 'Ann <ann@customer.example>',
  subject: 'The printer',
  text: 'It does not print. '.repeat(20),
};
let addresses = 0;
const newAddress = (): string => `box${addresses++}@acme-helpdesk.com`;

async function throughTheProduct(run: ConnectedRun, nats: NatsConnection): Promise<OpenWay> {
  const delivered = await Arrivals.of(nats, DELIVERIES, ({ gmailId }) => String(gmailId));
  return async (mailboxes) => {
    const addresses = Array.from({ length: mailboxes }, newAddress);
    for (const address of addresses) await run.connect(address);
    return async (mailbox) => {
      const { id } = await run.google.gmail.deliver(addresses[mailbox]!, mail);
      await delivered.of(id);
    };
  };
}

async function bare(run: ConnectedRun, nats: NatsConnection): Promise<OpenWay> {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor.>'] });
  const stream = jetstream(nats);
  const consumed = await Arrivals.of(nats, 'FLOOR', ({ key }) => String(key));
  let hops = 0;
  const hop = async (content: string): Promise<void> => {
    const key = String(hops++);
    const [arrived] = await Promise.all([
      consumed.of(key),
      stream.publish('floor.hop', JSON.stringify({ key, content })),
    ]);
    return arrived;
  };
  return async (mailboxes) => {
    const accounts: { address: string; token: string }[] = [];
    for (let n = 0; n < mailboxes; n++) {
      const address = newAddress();
      accounts.push({ address, token: await run.accessToken(address) });
    }
    return async (mailbox) => {
      const { address, token } = accounts[mailbox]!;
      const ask = async (path: string): Promise<Record<string, unknown>> => {
        const url = `${run.google.url}/gmail/v1/users/me/${path}`;
        const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
        if (!response.ok) throw new Error(`The simulated Gmail answered ${path} with ${response.status}.`);
        return (await response.json()) as Record<string, unknown>;
      };
      const { id, historyId } = await run.google.gmail.deliver(address, mail);
      await hop(historyId);
      await ask(`history?startHistoryId=${BigInt(historyId) - 1n}&historyTypes=messageAdded`);
      const { raw } = await ask(`messages/${id}?format=raw`);
      await hop(String(raw));
    };
  };
}
