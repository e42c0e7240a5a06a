import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Bell } from '../bell.js';
import { horizon } from './event-table.js';

const channel = 'events_appended';
const announceEveryMs = 20;
const slowPollMs = 1_000;
const settleMs = { first: 5, longest: 250 };
const stallMs = 30_000;
const relistenMs = 1_000;

const lookQuery = {
  name: 'events-look',
  text: `SELECT (SELECT tx_order || '/' || seq FROM events.events WHERE tx_order < ${horizon} ORDER BY tx_order DESC, seq DESC LIMIT 1) AS head,
                EXISTS (SELECT FROM events.events WHERE tx_order >= ${horizon}) AS unsettled`,
};

/**
 * Rings the bell whenever more events became readable: told by this process' own appends, by other processes through
 * LISTEN, and by a slow poll where both fail. One per store, however many subscriptions there are.
 * NOTIFY never rides in an append's transaction: it would make all commits of the database queue up.
 */
export class HeadWatch {
  private readonly self = randomUUID();
  private listener: pg.Client | undefined;
  private watching = false;
  private closed = false;
  private looking: Promise<void> | undefined;
  private lookAgain = false;
  private head: string | null | undefined;
  private unsettledSince: number | undefined;
  private settleDelay = settleMs.first;
  private nextLook: NodeJS.Timeout | undefined;
  private nextListen: NodeJS.Timeout | undefined;
  private announcement: NodeJS.Timeout | undefined;
  private announcedAt = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly url: string,
    private readonly bell: Bell,
    private readonly warn: (sentence: string) => void,
    private readonly onReconnected: () => Promise<void>,
  ) {}

  start(): void {
    if (this.watching || this.closed) return;
    this.watching = true;
    void this.listen();
    this.look();
  }

  /** Many appends, one NOTIFY: at once when it has been quiet, else at the end of the interval. */
  announce(): void {
    if (this.watching) this.look();
    if (this.announcement || this.closed) return;
    const wait = Math.max(0, this.announcedAt + announceEveryMs - Date.now());
    this.announcement = setTimeout(() => {
      this.announcement = undefined;
      this.announcedAt = Date.now();
      // A lost announcement costs the others one slow poll.
      this.pool
        .query({ name: 'events-notify', text: 'SELECT pg_notify($1, $2)', values: [channel, this.self] })
        .catch(() => {});
    }, wait);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.nextLook);
    clearTimeout(this.nextListen);
    clearTimeout(this.announcement);
    await this.looking;
    await this.listener?.end().catch(() => {});
  }

  private async listen(afterFailure = false): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'events-listener' });
    this.listener = client;
    let lost = false;
    const retry = (): void => {
      if (lost || this.closed) return;
      lost = true;
      this.warn(
        'The event store cannot listen for events of other processes at the moment and looks by itself.',
      );
      client.end().catch(() => {});
      this.nextListen = setTimeout(() => void this.listen(true), relistenMs);
    };
    client.on('error', retry);
    client.on('end', retry);
    client.on('notification', ({ payload }) => {
      if (payload !== this.self) this.look();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      if (afterFailure) await this.onReconnected();
      this.look();
    } catch (error) {
      this.warn(
        `The event store cannot listen for events of other processes and looks by itself: ${String(error)}`,
      );
      retry();
    }
  }

  private look(): void {
    if (this.closed || !this.watching) return;
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    clearTimeout(this.nextLook);
    this.looking = this.lookOnce()
      .catch((error: unknown) => {
        this.warn(`The event store cannot be read at the moment: ${String(error)}`);
        // Subscriptions that failed as well are waiting for a ring.
        this.head = undefined;
        return slowPollMs;
      })
      .then((delay) => {
        this.looking = undefined;
        if (this.closed) return;
        if (this.lookAgain) {
          this.lookAgain = false;
          this.look();
        } else {
          this.nextLook = setTimeout(() => this.look(), delay);
        }
      });
  }

  /** Answers after how many milliseconds to look again without being told. */
  private async lookOnce(): Promise<number> {
    const { rows } = await this.pool.query<{ head: string | null; unsettled: boolean }>(lookQuery);
    const { head, unsettled } = rows[0]!;
    if (head !== this.head) {
      this.head = head;
      this.settleDelay = settleMs.first;
      this.unsettledSince = undefined;
      this.bell.ring();
    }
    if (!unsettled) {
      this.unsettledSince = undefined;
      this.settleDelay = settleMs.first;
      return slowPollMs;
    }
    this.warnOfStall();
    const delay = this.settleDelay;
    this.settleDelay = Math.min(delay * 2, settleMs.longest);
    return delay;
  }

  /** Committed events wait for an older transaction of anybody in this cluster; one that never ends would silence all subscriptions. */
  private warnOfStall(): void {
    this.unsettledSince ??= Date.now();
    if (Date.now() - this.unsettledSince < stallMs) return;
    this.unsettledSince = Date.now();
    this.warn(
      'New events are held back by a transaction that has been open for a long time. Find it with: SELECT pid, datname, xact_start, query FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start; and end it.',
    );
  }
}
