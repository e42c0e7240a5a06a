import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import { minutes, seconds, type Clock } from '#time/clock';
import type { PushIdentity } from './push-tokens.js';

/** What a tenant arranged with Google for one subscription. */
export interface PushBinding {
  tenantId: string;
  /** Byte for byte what Google's tokens have to carry. */
  audience: string;
  serviceAccountEmail: string;
}

/** All bindings of a subscription: two tenants may claim the same one, and only the identity tells whose push it is. */
export type LoadBindings = (subscription: string) => Promise<PushBinding[]>;

interface Remembered {
  bindings: PushBinding[];
  loadedAt: number;
}

/** So long may a replica believe a binding that another one has replaced. */
const longestUnchecked = minutes(1);

/**
 * The bindings as this replica knows them. One that does not fit is read again, at most once a second for a
 * subscription, so that replicas follow a changed binding, and strangers cannot turn a push into a query each.
 */
export class PushBindings {
  private readonly remembered = new LRUCache<string, Remembered>({ max: 50_000 });
  // Apart: anybody whom Google vouches for can name subscriptions that nobody arranged, and must not crowd out those that are.
  private readonly unarranged = new LRUCache<string, Remembered>({ max: 1_000 });
  private readonly loading = new Map<string, Promise<PushBinding[]>>();

  constructor(
    private readonly load: LoadBindings,
    private readonly clock: Clock,
  ) {}

  /** Whose push it is; null when nobody arranged it so. Rejects when the bindings cannot be read. */
  async tenantOf(subscription: string, identity: PushIdentity): Promise<string | null> {
    const known = this.remembered.get(subscription) ?? this.unarranged.get(subscription);
    const age = known ? this.clock.now().getTime() - known.loadedAt : Infinity;
    const found = matching(known?.bindings ?? [], identity);
    if (found) {
      // In the background: what is remembered stays good while the database is away.
      if (age > longestUnchecked) this.reload(subscription).catch(() => {});
      return found.tenantId;
    }
    if (age < seconds(1)) return null;
    return matching(await this.reload(subscription), identity)?.tenantId ?? null;
  }

  private reload(subscription: string): Promise<PushBinding[]> {
    const underWay = this.loading.get(subscription);
    if (underWay) return underWay;
    const loading = this.load(subscription)
      .then((bindings) => {
        const [its, other] =
          bindings.length > 0 ? [this.remembered, this.unarranged] : [this.unarranged, this.remembered];
        its.set(subscription, { bindings, loadedAt: this.clock.now().getTime() });
        other.delete(subscription);
        return bindings;
      })
      .finally(() => this.loading.delete(subscription));
    this.loading.set(subscription, loading);
    return loading;
  }
}

const matching = (bindings: PushBinding[], { email, audience }: PushIdentity): PushBinding | undefined =>
  bindings.find((binding) => binding.audience === audience && binding.serviceAccountEmail === email);

export const bindingsIn =
  (database: DataSource): LoadBindings =>
  (subscription) =>
    database.query(
      `SELECT tenant_id AS "tenantId", audience, service_account_email AS "serviceAccountEmail"
         FROM push_bindings WHERE subscription = $1`,
      [subscription],
    );
