import { createHash } from 'node:crypto';
import type pg from 'pg';
import { LockLost, type Exclusively, type Locks, type Patience } from './locks.js';
import { MemoryLocks } from './memory-locks.js';

const lockNotAvailable = '55P03';
const defaultHeartbeatMs = 5_000;

/**
 * Excludes callers in every process that uses the same database, by session-level advisory locks. A lock goes with
 * its connection: when the process dies, PostgreSQL frees the key as soon as it notices that the connection ended.
 *
 * The pool should serve nothing else, since a key that is held or waited for keeps one connection for all that time;
 * callers of one process who wait for the same key share it. Give it as many connections as there are keys at work
 * at once, one more for each level of work that takes a second key inside a first, and `keepAlive: true`. The
 * patience of a caller is for the key: a connection is waited for as long as the pool's connectionTimeoutMillis says.
 *
 * A connection that falls silent without ending is noticed by a question asked every heartbeat, and given up when the
 * answer is not there at the next one.
 */
export class PostgresLocks implements Locks {
  readonly #pool: pg.Pool;
  readonly #heartbeatMs: number;
  readonly #local = new MemoryLocks();

  constructor(pool: pg.Pool, heartbeatMs = defaultHeartbeatMs) {
    this.#pool = pool;
    this.#heartbeatMs = heartbeatMs;
  }

  async exclusively<T>(
    key: string,
    work: (lost: AbortSignal) => Promise<T>,
    options: { readonly wait: Patience },
  ): Promise<Exclusively<T>> {
    const begun = performance.now();
    const local = await this.#local.exclusively(key, () => this.#acrossProcesses(key, work, left()), options);
    return local.acquired ? local.value : local;

    function left(): Patience {
      // A wait of 0 would mean "for ever" to PostgreSQL.
      return typeof options.wait === 'number'
        ? Math.max(1, Math.ceil(options.wait - (performance.now() - begun)))
        : options.wait;
    }
  }

  async #acrossProcesses<T>(
    key: string,
    work: (lost: AbortSignal) => Promise<T>,
    wait: Patience,
  ): Promise<Exclusively<T>> {
    const client = await this.#pool.connect();
    const loss = new AbortController();
    const lose = () => loss.abort(new LockLost(key));
    client.on('error', lose);
    try {
      if (!(await take(client, key, wait, lose))) return { acquired: false };
      const heartbeat = beat(client, this.#heartbeatMs, lose);
      let value: T;
      try {
        value = await work(loss.signal);
      } finally {
        clearInterval(heartbeat);
        if (!loss.signal.aborted) await giveBack(client, key, lose);
      }
      return { acquired: true, lost: loss.signal.aborted, value };
    } finally {
      client.off('error', lose);
      // Whatever a doubtful connection still holds goes with it.
      client.release(loss.signal.aborted);
    }
  }
}

/**
 * The advisory lock of a key: the first 64 bits of a hash, as PostgreSQL's bigint. Two keys with the same number
 * would exclude each other although they need not, and never fail to exclude; it takes billions of keys at work
 * at once to make that likely. Other users of the database's advisory locks are met as rarely.
 */
export function advisoryLockOf(key: string): string {
  return createHash('sha256').update(`tenant-google lock ${key}`).digest().readBigInt64BE().toString();
}

async function take(client: pg.PoolClient, key: string, wait: Patience, lose: () => void): Promise<boolean> {
  const lock = advisoryLockOf(key);
  try {
    if (wait === false) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
        lock,
      ]);
      return rows[0]?.taken === true;
    }
    await client.query(`select set_config('lock_timeout', $1, false)`, [wait === true ? '0' : `${wait}ms`]);
    await client.query('select pg_advisory_lock($1)', [lock]);
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === lockNotAvailable)
      return false;
    lose();
    throw error;
  }
}

async function giveBack(client: pg.PoolClient, key: string, lose: () => void): Promise<void> {
  try {
    const { rows } = await client.query<{ held: boolean }>('select pg_advisory_unlock($1) as held', [
      advisoryLockOf(key),
    ]);
    if (rows[0]?.held !== true) lose();
  } catch {
    lose();
  }
}

function beat(client: pg.PoolClient, everyMs: number, lose: () => void): NodeJS.Timeout {
  let answered = true;
  return setInterval(() => {
    if (!answered) return lose();
    answered = false;
    client.query('select').then(() => (answered = true), lose);
  }, everyMs).unref();
}
