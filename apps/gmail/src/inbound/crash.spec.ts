import type { EntityManager } from 'typeorm';
import type { ReadingMeans } from './reading-means.js';
import { eventually, ReadingOffice } from './fixtures/reading-office.js';

/** Whether the process dies before a step takes effect, or after it did and nobody was told. */
type When = 'before' | 'after';

/** A process that dies at the n-th thing that it does outside: from then on it does nothing any more. */
class Doomed {
  private steps = 0;
  dead = false;

  constructor(
    private readonly at: number,
    private readonly when: When,
  ) {}

  means = (means: ReadingMeans): Partial<ReadingMeans> => {
    const { database, objects, store, ask } = means;
    const step = this.step;
    const query: EntityManager['query'] = (...args) => step(() => database.query(...args));
    const transaction = (work: (manager: EntityManager) => Promise<unknown>): Promise<unknown> =>
      step(() =>
        database.transaction((manager) => {
          const doomed = { query: (...args: Parameters<typeof query>) => step(() => manager.query(...args)) };
          return work(doomed as EntityManager);
        }),
      );
    return {
      database: { query, transaction } as unknown as ReadingMeans['database'],
      objects: { ...objects, put: (...args) => step(() => objects.put(...args)) },
      store: {
        append: (...args: Parameters<typeof store.append>) => step(() => store.append(...args)),
        readStream: (...args: Parameters<typeof store.readStream>) => step(() => store.readStream(...args)),
      } as ReadingMeans['store'],
      ask: ((...args: Parameters<typeof ask>) => step(() => ask(...args))) as typeof ask,
    };
  };

  private step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (this.dead) throw new Error('The process is dead.');
    const isLast = ++this.steps === this.at;
    if (isLast && this.when === 'before') this.die();
    const value = await work();
    if (isLast) this.die();
    return value;
  };

  private die(): never {
    this.dead = true;
    throw new Error('The process was killed.');
  }
}

/** More than it takes to read three messages; the last ones strike while it is idle. */
const steps = 32;

describe('a process that is killed while it reads', () => {
  let office: ReadingOffice;
  let number = 0;

  beforeAll(async () => {
    office = await ReadingOffice.open();
  });
  afterAll(() => office?.close());

  async function killedAt(
    at: number,
    when: When,
    { gap = false, notified = false }: { gap?: boolean; notified?: boolean } = {},
  ): Promise<void> {
    const address = `support${++number}@acme.example`;
    const mailbox = await office.connect(address);
    const wanted = ['one', 'two', 'three'];
    for (const subject of wanted) await office.google.client.gmail.deliver(address, { subject });
    if (gap) await office.google.client.gmail.expireHistory(address);

    const doomed = new Doomed(at, when);
    const { historyId } = await office.google.client.gmail.mailbox(address);
    const means = await office.means(doomed.means);
    if (notified) await office.notify(address);
    else await (await office.means()).wanted.notified(mailbox, { historyId, pushedAt: office.now() });
    const stop = office.start(means, notified ? [] : ['gmail.notifications']);
    await eventually(async () => doomed.dead);
    await stop();
    expect(doomed.dead).toBe(true);

    const stopNext = office.start(await office.means());
    // What failed as if Google were at fault is tried again later.
    await office.settled();
    await office.google.client.advance(60_000);
    await office.settled();
    await stopNext();

    const deliveries = await office.deliveries(mailbox);
    const once = new Map(deliveries.map((delivery) => [delivery.deliveryId, delivery.subject]));
    expect([`killed ${when} step ${at}`, ...once.values()]).toEqual([`killed ${when} step ${at}`, ...wanted]);
    expect(deliveries).toHaveLength(wanted.length);
    const told = (await office.told(mailbox)).map(({ type }) => type);
    expect(told[0]).toBe('NotificationProven');
    expect(told.filter((type) => type !== 'NotificationProven')).toEqual(
      gap ? expect.arrayContaining(['GapDetected', 'GapRecovered']) : [],
    );
  }

  it.each<When>(['before', 'after'])(
    'loses no message and delivers none twice, killed %s whichever step takes effect',
    async (when) => {
      for (let at = 1; at <= steps; at++) await killedAt(at, when);
    },
  );

  it.each<When>(['before', 'after'])(
    'loses no notification, killed %s whichever step of taking it takes effect',
    async (when) => {
      for (let at = 1; at <= 4; at++) await killedAt(at, when, { notified: true });
    },
  );

  it.each<When>(['before', 'after'])(
    'recovers a gap all the same, killed %s whichever step takes effect',
    async (when) => {
      for (let at = 1; at <= steps; at++) await killedAt(at, when, { gap: true });
    },
  );
});
