import { days, hours, minutes, MovableClock } from '#time/clock';
import type { DueRow } from './ask-for-due-work.js';
import { dueBacklog, DueRows } from './due-rows.js';
import { DueList } from './fixtures/due-list.js';
import { limits, sendWhatIsDue } from './send-what-is-due.js';

let list: DueList;
beforeAll(async () => {
  list = await DueList.open();
});
afterEach(() => list.empty());
afterAll(() => list.close());

const clock = new MovableClock();
const ago = (ms: number): Date => new Date(clock.now().getTime() - ms);
const inTime = (ms: number): Date => ago(-ms);

/** Notes what is sent, and is over with it once it is answered. */
class Receiver {
  readonly sent: DueRow[] = [];
  most = 0;
  private atOnce = 0;
  private readonly unanswered = new Map<DueRow, () => void>();
  private readonly waiting: { until: () => boolean; resolve: () => void }[] = [];

  /** @param isSlow whose answers come only when they are released */
  constructor(private readonly isSlow: (row: DueRow) => boolean = () => false) {}

  readonly send = async (row: DueRow): Promise<void> => {
    this.sent.push(row);
    this.most = Math.max(this.most, ++this.atOnce);
    for (const { until, resolve } of this.waiting) if (until()) resolve();
    if (this.isSlow(row)) await new Promise<void>((resolve) => this.unanswered.set(row, resolve));
    await list.database.query(
      `UPDATE due_work SET due_at = NULL WHERE tenant_id = $1 AND provider_id = $2 AND command = $3`,
      [row.tenant_id, row.provider_id, row.command],
    );
    this.atOnce--;
  };

  get order(): string[] {
    return this.sent.map(({ tenant_id }) => tenant_id);
  }

  until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ until: isSo, resolve }));
  }

  release(): void {
    for (const answer of this.unanswered.values()) answer();
    this.unanswered.clear();
  }
}

const sending = (receiver: Receiver, signal = new AbortController().signal): Promise<void> =>
  sendWhatIsDue({ database: list.database, clock, send: receiver.send }, signal);

describe('the sender', () => {
  it('sends each line that is due once, and none that is not', async () => {
    await list.addMass('t1', 30, ago(hours(1)));
    await list.add({ tenant: 't2', dueAt: ago(1) });
    await list.add({ tenant: 't3', dueAt: inTime(hours(1)) });
    const receiver = new Receiver();
    await sending(receiver);
    expect(receiver.sent).toHaveLength(31);
    expect(new Set(receiver.sent.map(({ provider_id }) => provider_id)).size).toBe(31);
    expect(receiver.order).not.toContain('t3');
  });

  it('does not let the mass of one tenant delay the single line of another', async () => {
    await list.addMass('busy', 3_000, ago(days(2)));
    await list.add({ tenant: 'zz-single', dueAt: ago(1) });
    const receiver = new Receiver();
    const ending = new AbortController();
    const run = sending(receiver, ending.signal);
    await receiver.until(() => receiver.order.includes('zz-single'));
    ending.abort();
    await run;
    expect(receiver.order.indexOf('zz-single')).toBeLessThanOrEqual(limits.ofTenant);
  });

  it('goes on with the others while some answers are slow, and takes a free place at once', async () => {
    for (const tenant of ['slow-1', 'slow-2', 'slow-3']) await list.addMass(tenant, 10, ago(hours(1)));
    await list.addMass('quick', 100, ago(hours(1)));
    const receiver = new Receiver(({ tenant_id }) => tenant_id.startsWith('slow'));
    const run = sending(receiver);
    await receiver.until(() => receiver.order.filter((tenant) => tenant === 'quick').length === 100);
    expect(receiver.order.filter((tenant) => tenant.startsWith('slow'))).toHaveLength(3 * limits.ofTenant);
    const released = setInterval(() => receiver.release(), 5);
    await run;
    clearInterval(released);
    expect(receiver.sent).toHaveLength(130);
  });

  it('keeps to what a Google project bears, whoever shares it, and to what it bears itself', async () => {
    const tenants = ['t1', 't2', 't3', 't4'];
    await list.inProject('shared', ...tenants);
    for (const tenant of tenants) await list.addMass(tenant, 10, ago(hours(1)));
    for (let n = 0; n < 40; n++) await list.add({ tenant: `other-${n}`, dueAt: ago(1) });
    const receiver = new Receiver(() => true);
    const run = sending(receiver);
    await receiver.until(() => receiver.sent.length === limits.altogether);
    const ofShared = receiver.order.filter((tenant) => tenants.includes(tenant));
    expect(ofShared.length).toBeLessThanOrEqual(limits.ofProject);
    const released = setInterval(() => receiver.release(), 5);
    await run;
    clearInterval(released);
    expect(receiver.sent).toHaveLength(80);
    expect(receiver.most).toBeLessThanOrEqual(limits.altogether);
  });

  it('sends, after a long time away, first what ends first, of every tenant', async () => {
    await list.addMass('t1', 1_200, ago(days(1)));
    await list.add({ tenant: 't1', command: 'RenewWatch', dueAt: ago(1), deadline: inTime(minutes(20)) });
    await list.add({ tenant: 't2', command: 'RenewWatch', dueAt: ago(2), deadline: inTime(days(2)) });
    const receiver = new Receiver(() => true);
    const ending = new AbortController();
    const run = sending(receiver, ending.signal);
    await receiver.until(() => receiver.sent.length >= 3);
    ending.abort();
    receiver.release();
    await run;
    expect(receiver.sent.slice(0, 2).map(({ command, tenant_id }) => `${command} ${tenant_id}`)).toEqual([
      'RenewWatch t1',
      'RenewWatch t2',
    ]);
  });

  it('notices while it waits for an answer what becomes due meanwhile', async () => {
    await list.add({ tenant: 'slow', dueAt: ago(1) });
    const receiver = new Receiver(({ tenant_id }) => tenant_id === 'slow');
    const run = sending(receiver);
    await receiver.until(() => receiver.sent.length === 1);
    await list.add({ tenant: 'later', dueAt: inTime(hours(1)) });
    clock.advance(hours(2));
    await receiver.until(() => receiver.order.includes('later'));
    receiver.release();
    await run;
  });

  it('fails when a line cannot be noted, after the answers that are under way', async () => {
    await list.addMass('t1', 3, ago(1));
    // How many are under way by then is the machine's business.
    let begun = 0;
    let answered = 0;
    const send = async (row: DueRow): Promise<void> => {
      begun++;
      if (row.provider_id === 'p1') throw new Error('no connection');
      await new Promise(setImmediate);
      answered++;
    };
    const run = sendWhatIsDue({ database: list.database, clock, send }, new AbortController().signal);
    await expect(run).rejects.toThrow('no connection');
    expect(answered).toBe(begun - 1);
  });
});

describe('what is due', () => {
  it('is visited tenant by tenant when it is much, each with its most urgent lines and nobody left out', async () => {
    const tenants = Array.from({ length: 300 }, (_, n) => `t${String(n).padStart(3, '0')}`);
    for (const tenant of tenants) await list.addMass(tenant, 10, ago(hours(1)));
    const rows = new DueRows(list.database);
    const seen = new Set<string>();
    let portions = 0;
    for (let complete = false; !complete; portions++) {
      const portion = await rows.next(clock.now());
      for (const { tenant_id } of portion.rows) seen.add(tenant_id);
      complete = portion.complete;
    }
    expect([...seen].sort()).toEqual(tenants);
    expect(portions).toBe(2);
  });

  it('is counted for whoever watches, with the oldest', async () => {
    const oldest = ago(hours(3));
    await list.add({ tenant: 't1', dueAt: oldest });
    await list.add({ tenant: 't2', dueAt: ago(1) });
    await list.add({ tenant: 't3', dueAt: inTime(hours(1)) });
    expect(await dueBacklog(list.database, clock.now())).toEqual({ due: 2, oldestDueAt: oldest });
    await list.empty();
    expect(await dueBacklog(list.database, clock.now())).toEqual({ due: 0, oldestDueAt: null });
  });
});
