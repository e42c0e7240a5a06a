import { ListParkedMessages, RetryParkedMessage, SyncMailbox } from '#contracts/gmail';
import { ResetMailbox } from '#contracts/reset';
import { activityPublisher } from '#deliveries/activity';
import { openObjects } from '#deliveries/objects';
import { Outbox } from '#deliveries/outbox';
import { outboxMigrations } from '#deliveries/outbox-table';
import { ensureStreams } from '#deliveries/streams';
import type { Composition, Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { answer } from '#messaging/handler';
import { problem } from '#problems/problem';
import { beginWhenAuthorized } from './begin-when-authorized.js';
import { forgetWhenRemoved } from './forget-when-removed.js';
import { inboundWatch } from './inbound-watch.js';
import { InTurn } from './in-turn.js';
import { InboundTables1760000300000 } from './inbound-tables.js';
import { IncomingNotifications } from './incoming-notifications.js';
import { MailboxTurns } from './mailbox-turns.js';
import { listParkedMessages } from './parked-messages.js';
import { WantedPushTime1764300300000 } from './push-time.js';
import { Quota } from './quota.js';
import type { ReadingMeans } from './reading-means.js';
import { obstacleOf } from './reading-state.js';
import { retryParkedMessage } from './retry-parked-message.js';
import { forgetWhatIsLongSeen } from './seen-messages-purge.js';
import { syncWhenAuthorized, syncWhenReadable } from './sync-when-readable.js';
import { forgetWhenReset } from '../reset/forget-when-reset.js';
import { resetMailbox } from '../reset/reset-mailbox.js';
import { openMailbox } from './take-turn.js';
import { UnannouncedArrivals1764300000000 } from './unannounced-arrivals.js';
import { WantedSyncs } from './wanted-syncs.js';

/** For the service's list of migrations. */
export const inboundMigrations = [
  ...outboxMigrations,
  InboundTables1760000300000,
  UnannouncedArrivals1764300000000,
  WantedPushTime1764300300000,
];

/** A message of 35 MB takes several times that while it is read. */
const messagesAtOnce = 6;

/** From notifications to delivered messages. */
export async function inbound(
  means: Means,
): Promise<Pick<Composition, 'handlers' | 'processors' | 'workers' | 'checks' | 'gauges'>> {
  const { nats, database, clock, configuration, logger } = means;
  const { made, mended, refused: left } = await ensureStreams(nats, configuration.messages);
  if (mended.length > 0) logger.info({ made, mended }, 'streams were mended');
  if (left.length > 0)
    logger.warn({ left }, 'streams are not as they should be, and the server refuses to change them');

  const outbox = new Outbox({ ...means, service: 'gmail' });
  const readingMeans: ReadingMeans = {
    ...means,
    outbox,
    objects: await openObjects(nats),
    quota: new Quota(clock),
    wanted: new WantedSyncs(database, clock),
    messagesAtOnce: new InTurn(messagesAtOnce),
    publishActivity: activityPublisher(nats),
  };
  return {
    handlers: [
      answer(SyncMailbox, ({ providerId }, origin) => syncMailbox(readingMeans, providerId, origin)),
      answer(ListParkedMessages, async ({ providerId }, { tenantId }) => {
        const { state } = await openMailbox(readingMeans, { tenantId, providerId });
        if (state.status === 'absent') return refused(problem('mailbox.not-found', { providerId }));
        return accepted({ parked: await listParkedMessages(database, { tenantId, providerId }) });
      }),
      answer(ResetMailbox, (data, origin) => resetMailbox(readingMeans, data, origin)),
      answer(RetryParkedMessage, (data, origin) => retryParkedMessage(readingMeans, data, origin)),
    ],
    processors: [
      beginWhenAuthorized(readingMeans),
      syncWhenReadable(readingMeans),
      syncWhenAuthorized(readingMeans),
      forgetWhenRemoved(readingMeans),
      forgetWhenReset(readingMeans),
    ],
    workers: workersOf(readingMeans, nats),
    ...inboundWatch(means),
  };
}

/** Exported so that a spec can have its means fail at any step. */
export const workersOf = (means: ReadingMeans, nats: Means['nats']): Composition['workers'] => [
  { name: 'gmail.notifications', run: (signal) => new IncomingNotifications(nats, means).run(signal) },
  { name: 'gmail.mailbox-turns', run: (signal) => new MailboxTurns(means).run(signal) },
  { name: 'gmail.outbox', run: (signal) => means.outbox.run(signal) },
  { name: 'gmail.seen-messages-purge', run: (signal) => forgetWhatIsLongSeen(means, signal) },
];

async function syncMailbox(
  means: ReadingMeans,
  providerId: string,
  { tenantId }: Origin,
): Promise<Reply<{ providerId: string }>> {
  const { state } = await openMailbox(means, { tenantId, providerId });
  const obstacle = obstacleOf(state);
  if (obstacle) return refused(problem(obstacle, { providerId }));
  await means.wanted.ask({ tenantId, providerId });
  return accepted({ providerId });
}
