import type { MailboxActivity } from '#contracts/gmail';
import type { Objects } from '#deliveries/objects';
import type { Outbox } from '#deliveries/outbox';
import type { Means } from '#hosting/service';
import type { InTurn } from './in-turn.js';
import type { Quota } from './quota.js';
import type { WantedSyncs } from './wanted-syncs.js';

/** What reading mailboxes needs. */
export interface ReadingMeans extends Pick<
  Means,
  'ask' | 'clock' | 'configuration' | 'database' | 'locks' | 'logger' | 'store'
> {
  outbox: Outbox;
  objects: Objects;
  quota: Quota;
  wanted: WantedSyncs;
  /** Lets only so many messages be in memory at once, over all mailboxes. */
  messagesAtOnce: InTurn;
  publishActivity(activity: MailboxActivity): Promise<void>;
}
