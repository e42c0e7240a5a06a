import type { Means } from '#hosting/service';
import type { Composition } from '#hosting/service';
import { InboundTables1760000300000 } from './inbound-tables.js';

/** For the service's list of migrations. */
export const inboundMigrations = [InboundTables1760000300000];

/** From notifications to delivered messages: SyncMailbox, ListParkedMessages, RetryParkedMessage and the work behind them. */
export async function inbound(
  _means: Means,
): Promise<Pick<Composition, 'handlers' | 'processors' | 'workers'>> {
  return { handlers: [], processors: [], workers: [] };
}
