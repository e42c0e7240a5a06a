import { LRUCache } from 'lru-cache';
import type { Clock } from '#time/clock';
import { minutes } from '#time/clock';

/** 70 % of what Google allows a user of an app in a minute; together with the burst a minute stays below the limit. */
const perMinute = 420;
const burst = 160;

/** Keeps the reading of each account below Google's limit of 600 requests a minute. Each process counts for itself. */
export class Quota {
  private readonly buckets = new LRUCache<string, { requests: number; at: number }>({ max: 50_000 });

  constructor(private readonly clock: Clock) {}

  /** Takes one request, or answers how many milliseconds later it may be made. */
  spend(account: string): { waitMs: number } | null {
    const now = this.clock.now().getTime();
    const { requests: left, at } = this.buckets.get(account) ?? { requests: burst, at: now };
    const present = Math.min(burst, left + (Math.max(0, now - at) * perMinute) / minutes(1));
    if (present < 1) return { waitMs: Math.ceil(((1 - present) * minutes(1)) / perMinute) };
    this.buckets.set(account, { requests: present - 1, at: now });
    return null;
  }

  /** Waits for its turn. Rejects when the signal aborts. */
  async turn(account: string, signal: AbortSignal): Promise<void> {
    for (let short = this.spend(account); short; short = this.spend(account))
      await rest(short.waitMs, signal);
    signal.throwIfAborted();
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
