import type { CalendarActivity } from '#contracts/calendar';
import type { Outbox } from '#deliveries/outbox';
import type { Means } from '#hosting/service';
import type { Quota } from './quota.js';
import type { WantedSyncs } from './wanted-syncs.js';

/** What reading calendars needs. */
export interface SyncMeans extends Pick<
  Means,
  'ask' | 'clock' | 'configuration' | 'database' | 'locks' | 'logger' | 'store'
> {
  outbox: Outbox;
  quota: Quota;
  wanted: WantedSyncs;
  publishActivity(activity: CalendarActivity): Promise<void>;
}
