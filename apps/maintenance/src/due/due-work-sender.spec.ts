import { createLogger } from '#logging/logger';
import { accepted } from '#messaging/envelope';
import type { Ask } from '#messaging/ask';
import type { Means } from '#hosting/service';
import type { JobRunner } from '#jobs/job-runner';
import { PgBossJobRunner } from '#jobs/pg-boss-job-runner';
import { days, hours, MovableClock, seconds } from '#time/clock';
import { askForDueWork } from './ask-for-due-work.js';
import { DueList } from './fixtures/due-list.js';

let list: DueList;
beforeEach(async () => {
  list = await DueList.open();
});
afterEach(() => list.close());

/** A replica of the maintenance service: its sender on PG Boss, without the wire. */
class Replica {
  readonly asked: { type: string; tenantId: string; by: string }[] = [];
  readonly told: string[] = [];
  readonly clock = new MovableClock();
  private readonly ending = new AbortController();
  private readonly runner: PgBossJobRunner;
  private readonly running: Promise<void>;
  private readonly waiting: { for: number; resolve: () => void }[] = [];

  constructor(means: Partial<Means> = {}, jobs: (runner: JobRunner) => JobRunner = (runner) => runner) {
    this.runner = new PgBossJobRunner({ url: list.url, warn: (sentence) => this.told.push(sentence) });
    const ask: Ask = ({ type }, _data, { tenantId, by }) => {
      this.asked.push({ type, tenantId, by });
      for (const waiter of this.waiting) if (this.asked.length >= waiter.for) waiter.resolve();
      return Promise.resolve(accepted({})) as never;
    };
    const logger = createLogger({ level: 'silent', name: 'maintenance' });
    this.running = askForDueWork({
      clock: this.clock,
      ask,
      logger,
      database: list.database,
      jobs: jobs(this.runner),
      ...means,
    } as Means).run(this.ending.signal);
  }

  hasAsked(times: number): Promise<void> {
    if (this.asked.length >= times) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ for: times, resolve }));
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.running;
    await this.runner.close();
  }
}

const inTime = (ms: number): Date => new Date(Date.now() + ms);

it('asks for what is due in the name of a timer, and again after its interval', async () => {
  await list.add({ tenant: 't1', dueAt: inTime(-1), everyMs: seconds(0.1) });
  const replica = new Replica();
  await replica.hasAsked(2);
  await replica.end();
  expect(replica.asked[0]).toEqual({ type: 'SyncMailbox', tenantId: 't1', by: 'timer:SyncMailbox' });
});

it('has one sender over all replicas, and another one once that has ended', async () => {
  const replicas = [new Replica(), new Replica()];
  for (let n = 0; n < 40; n++) await list.add({ tenant: `t${n}`, dueAt: inTime(-1) });
  await Promise.race(replicas.map((replica) => replica.hasAsked(40)));
  const [first, second] = replicas as [Replica, Replica];
  const active = first.asked.length > 0 ? first : second;
  const other = active === first ? second : first;
  expect([active.asked.length, other.asked.length]).toEqual([40, 0]);
  await active.end();
  await list.add({ tenant: 'later', dueAt: inTime(-1) });
  await other.hasAsked(1);
  await other.end();
});

it('looks at once when the clock is moved', async () => {
  await list.add({ tenant: 't1', dueAt: inTime(days(1)) });
  // Without being told, it would look again in an hour.
  let looked: () => void;
  const hasLooked = new Promise<void>((resolve) => (looked = resolve));
  const rarely = (runner: JobRunner): JobRunner => ({
    repeat: (job) =>
      runner.repeat({
        ...job,
        everyMs: hours(1),
        work: (signal) => job.work(signal).then(() => looked()),
      }),
  });
  const replica = new Replica({}, rarely);
  await hasLooked;
  expect(replica.asked).toEqual([]);
  replica.clock.advance(days(2));
  await replica.hasAsked(1);
  await replica.end();
});

it('looks again when the list could not be read', async () => {
  await list.add({ tenant: 't1', dueAt: inTime(-1) });
  let failures = 1;
  const database = new Proxy(list.database, {
    get: (target, property) =>
      property === 'query' && failures-- > 0
        ? () => Promise.reject(new Error('the connection broke'))
        : (Reflect.get(target, property) as unknown),
  });
  const replica = new Replica({ database });
  await replica.hasAsked(1);
  await replica.end();
  expect(replica.told).toEqual([expect.stringContaining('the connection broke')]);
});
