import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import { minutes, type Clock } from '#time/clock';

/** What was arranged with Google for one channel. */
export interface ChannelBinding {
  tenantId: string;
  providerId: string;
  calendarId: string;
  /** SHA-256 in hex. */
  tokenHash: string;
  /** Null until Google's answer was recorded. */
  resourceId: string | null;
}

export type LoadBinding = (channelId: string) => Promise<ChannelBinding | null>;

/** What a notification proves itself with. */
export interface ChannelProof {
  channelId: string;
  token: string;
  resourceId: string;
}

/** So long may a replica believe a channel that is over. */
const longestUnchecked = minutes(1);
/** A channel's first notification may overtake the record of its request by a moment. */
const looks = 8;
const lookAgainMs = 150;
const mostWaiting = 32;

/**
 * The channels as this replica knows them. An unknown one is looked up again for about a second, for a bounded number of requests at a time, so
 * that strangers cannot keep the database or the gateway busy.
 */
export class ChannelBindings {
  private readonly remembered = new LRUCache<string, { binding: ChannelBinding; loadedAt: number }>({
    max: 50_000,
  });
  private waiting = 0;

  constructor(
    private readonly load: LoadBinding,
    private readonly clock: Clock,
  ) {}

  /** Whose notification it is; null when nobody arranged it so. Rejects when the bindings cannot be read. */
  async ownerOf(proof: ChannelProof): Promise<ChannelBinding | null> {
    const known = this.remembered.get(proof.channelId);
    if (known) {
      // In the background: what is remembered stays good while the database is away.
      if (this.clock.now().getTime() - known.loadedAt > longestUnchecked)
        this.reload(proof.channelId).catch(() => {});
      return isProvenBy(known.binding, proof) ? known.binding : null;
    }
    const binding = await this.soon(proof.channelId);
    return binding && isProvenBy(binding, proof) ? binding : null;
  }

  private async soon(channelId: string): Promise<ChannelBinding | null> {
    if (this.waiting >= mostWaiting) return null;
    this.waiting++;
    try {
      for (let look = 1; ; look++) {
        const binding = await this.reload(channelId);
        if (binding || look === looks) return binding;
        await pause(lookAgainMs);
      }
    } finally {
      this.waiting--;
    }
  }

  private async reload(channelId: string): Promise<ChannelBinding | null> {
    const binding = await this.load(channelId);
    // Without its resource it is not known well enough to be remembered.
    if (binding?.resourceId != null)
      this.remembered.set(channelId, { binding, loadedAt: this.clock.now().getTime() });
    else this.remembered.delete(channelId);
    return binding;
  }
}

/** In constant time, whatever is wrong. */
function isProvenBy({ tokenHash, resourceId }: ChannelBinding, proof: ChannelProof): boolean {
  const tokenIsRight = equal(digest(proof.token), Buffer.from(tokenHash, 'hex'));
  const resourceIsRight = resourceId === null || equal(digest(proof.resourceId), digest(resourceId));
  return tokenIsRight && resourceIsRight;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const equal = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

export const channelBindingIn =
  (database: DataSource): LoadBinding =>
  async (channelId) => {
    const rows: ChannelBinding[] = await database.query(
      `SELECT tenant_id AS "tenantId", provider_id AS "providerId", calendar_id AS "calendarId",
              token_hash AS "tokenHash", resource_id AS "resourceId"
         FROM channel_bindings WHERE channel_id = $1`,
      [channelId],
    );
    return rows[0] ?? null;
  };
