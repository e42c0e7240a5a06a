import { LRUCache } from 'lru-cache';
import type { Clock } from '#time/clock';
import { minutes } from '#time/clock';

/** What Gmail's methods cost, of 6,000 units a minute for each mailbox. */
export const cost = { profile: 1, labels: 1, history: 2, list: 5, message: 20 } as const;

/** 70 % of the limit; together with the burst a minute stays below the limit, so that others of the tenant's apps have room. */
const perMinute = 4_200;
const burst = 1_600;

/** Keeps each mailbox's reading below Gmail's limit. One process reads a mailbox at a time, so each counts for itself. */
export class Quota {
  private readonly buckets = new LRUCache<string, { units: number; at: number }>({ max: 50_000 });

  constructor(private readonly clock: Clock) {}

  /** Takes the units, or answers how many milliseconds later they will be there. */
  spend(mailbox: string, units: number): { waitMs: number } | null {
    const now = this.clock.now().getTime();
    const { units: left, at } = this.buckets.get(mailbox) ?? { units: burst, at: now };
    const present = Math.min(burst, left + (Math.max(0, now - at) * perMinute) / minutes(1));
    if (present < units) return { waitMs: Math.ceil(((units - present) * minutes(1)) / perMinute) };
    this.buckets.set(mailbox, { units: present - units, at: now });
    return null;
  }
}
