import pg from 'pg';
import { Bell } from '../bell.js';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from '../event-store.js';
import { assertAppendable, subscribeByReading } from '../event-store-rules.js';
import { appendManyStatement, explainRefusal, firstRevision, isDuplicate } from './appending.js';
import { horizon, prepareEventTable } from './event-table.js';
import { GroupedAppends } from './grouped-appends.js';
import { HeadWatch } from './head-watch.js';
import { readAllStatement, readStreamStatement, recorded, type EventRow } from './reading.js';

export interface PostgresEventStoreOptions {
  url: string;
  /** Connections for appends and reads; one more listens as soon as somebody subscribes. */
  poolSize: number;
  /** Told in a plain sentence when something is wrong that the store works around by itself. */
  warn: (sentence: string) => void;
}

/**
 * Every read is a range of an index that is already in the right order. Before the table is analysed the planner does not
 * believe that, collects all that follows and sorts it for every page.
 */
const alongTheIndexes = '-c enable_sort=off -c enable_bitmapscan=off -c enable_seqscan=off -c jit=off';

const retryReadMs = { first: 250, longest: 5_000 };

/** Events in the schema `events` of a PostgreSQL 13 or later. */
export class PostgresEventStore implements EventStore {
  private readonly bell = new Bell();
  private readonly closing = new AbortController();
  private readonly watch: HeadWatch;
  private readonly appends: GroupedAppends;

  private constructor(
    private readonly pool: pg.Pool,
    private readonly options: PostgresEventStoreOptions,
  ) {
    this.appends = new GroupedAppends(pool);
    this.watch = new HeadWatch(pool, options.url, this.bell, options.warn, () => prepareEventTable(pool));
  }

  /** Creates what is missing; several processes may open at once. Rejects when the database cannot be reached. */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const pool = new pg.Pool({
      connectionString: options.url,
      max: options.poolSize,
      application_name: 'events',
      options: alongTheIndexes,
    });
    // The pool replaces it; whoever needs it next hears of lasting trouble. An ended pool's connections may outlive it shortly.
    pool.on('error', (error) => {
      if (!pool.ending) options.warn(`A connection to the event store broke: ${error.message}`);
    });
    try {
      await prepareEventTable(pool);
    } catch (error) {
      await pool.end();
      throw error;
    }
    return new PostgresEventStore(pool, options);
  }

  async append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    assertAppendable(stream, events, expected);
    for (;;) {
      const revision = await this.insert(stream, events, expected);
      if (revision !== null) {
        this.watch.announce();
        return { ok: true, revision };
      }
      const refusal = await explainRefusal(this.pool, stream, events, expected);
      if (refusal !== 'try-again') return refusal;
    }
  }

  async readStream(
    stream: string,
    { fromRevision = 0, limit }: { fromRevision?: number; limit?: number } = {},
  ): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>(readStreamStatement(stream, fromRevision, limit));
    return rows.map(recorded);
  }

  async readAll(page: {
    after: string | null;
    categories?: string[];
    limit: number;
  }): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>(readAllStatement(page));
    return rows.map(recorded);
  }

  subscribe(options: {
    after: string | null;
    categories?: string[];
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]> {
    this.watch.start();
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return subscribeByReading((page) => this.readUntilAnswered(page, signal), this.bell, {
      ...options,
      signal,
    });
  }

  async settled(): Promise<void> {
    const { rows } = await this.pool.query<{ last: string | null }>(
      'SELECT max(tx_order) AS last FROM events.events',
    );
    const settled = {
      name: 'events-settled',
      text: `SELECT $1::bigint < ${horizon} AS yes`,
      values: [rows[0]!.last ?? -1],
    };
    for (
      let delay = 1;
      !(await this.pool.query<{ yes: boolean }>(settled)).rows[0]!.yes;
      delay = Math.min(delay * 2, 50)
    ) {
      await pause(delay, this.closing.signal);
      if (this.closing.signal.aborted) throw new Error('The event store was closed.');
    }
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await this.watch.close();
    await this.pool.end();
  }

  /** The revision of the last event, or null when nothing was inserted. */
  private async insert(
    stream: string,
    events: NewEvent[],
    expected: ExpectedRevision,
  ): Promise<number | null> {
    const first = firstRevision(expected);
    const [event, second] = events;
    if (event && !second && first !== null)
      return (await this.appends.insert({ stream, revision: first, event })) ? first : null;
    try {
      const statement = appendManyStatement(stream, events, expected);
      const { rows } = await this.pool.query<{ revision: number }>(statement);
      return rows.at(-1)?.revision ?? null;
    } catch (error) {
      if (isDuplicate(error)) return null;
      throw error;
    }
  }

  private async readUntilAnswered(
    page: Parameters<PostgresEventStore['readAll']>[0],
    signal: AbortSignal,
  ): Promise<RecordedEvent[]> {
    for (let delay = retryReadMs.first; !signal.aborted; delay = Math.min(delay * 2, retryReadMs.longest)) {
      try {
        return await this.readAll(page);
      } catch (error) {
        if (signal.aborted) break;
        this.options.warn(`A subscription cannot read the event store and tries again: ${String(error)}`);
        await pause(delay, signal);
      }
    }
    return [];
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
