import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { mailboxActivity } from '#contracts/gmail';
import { messagesAtHand } from '#deliveries/messages-at-hand';
import { ACTIVITY } from '#deliveries/streams';
import type { Worker } from '#hosting/service';
import type { Logger } from '#logging/logger';
import { seconds } from '#time/clock';
import { tellChanges } from '../changes/tell-changes.js';
import { wakeLooksAfterActivity } from '../problems/wake-looks.js';

const durable = 'gateway-activity';
const batchSize = 500;

export interface ActivityMeans {
  nats: NatsConnection;
  database: DataSource;
  logger: Logger;
}

/** Takes what mailboxes did lately into their rows, many at once. Replicas share the consumer; an older report never wins. */
export const activityWorker = ({ nats, database, logger }: ActivityMeans): Worker => ({
  name: 'activity',
  run: async (signal) => {
    while (!signal.aborted) {
      try {
        const manager = await jetstreamManager(nats);
        await manager.consumers.add(ACTIVITY, {
          durable_name: durable,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.LastPerSubject,
          // Calendars tell under longer subjects.
          filter_subject: 'activity.*.*',
          ack_wait: nanos(seconds(30)),
        });
        const consumer = await jetstream(nats).consumers.get(ACTIVITY, durable);
        while (!signal.aborted) {
          const messages = await messagesAtHand(consumer, batchSize);
          if (messages.length === 0) continue;
          await record(database, messages, logger);
          for (const message of messages) message.ack();
        }
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'the activity of mailboxes cannot be taken at the moment; trying again');
        await pause(signal);
      }
    }
  },
});

async function record(database: DataSource, messages: JsMsg[], logger: Logger): Promise<void> {
  const newest = new Map<string, { tenantId: string; providerId: string; parked: number }>();
  for (const message of messages) {
    const parsed = mailboxActivity.safeParse(jsonOf(message));
    if (!parsed.success) {
      logger.error({ subject: message.subject }, 'a report of activity is malformed and is passed over');
      continue;
    }
    const { tenantId, providerId, lastPushAt, lastSyncAt, parked } = parsed.data;
    const sequence = message.seq;
    newest.set(message.subject, { tenantId, providerId, parked, ...{ lastPushAt, lastSyncAt, sequence } });
  }
  await database.query(
    `INSERT INTO provider_activity AS known (tenant_id, provider_id, last_push_at, last_sync_at, parked, sequence)
     SELECT r."tenantId", r."providerId", r."lastPushAt", r."lastSyncAt", r.parked, r.sequence
       FROM jsonb_to_recordset($1::jsonb) AS r("tenantId" text, "providerId" text, "lastPushAt" timestamptz,
                                               "lastSyncAt" timestamptz, parked integer, sequence bigint)
      ORDER BY 1, 2
     ON CONFLICT (tenant_id, provider_id) DO UPDATE
       SET last_push_at = excluded.last_push_at, last_sync_at = excluded.last_sync_at,
           parked = excluded.parked, sequence = excluded.sequence
       WHERE known.sequence < excluded.sequence`,
    [JSON.stringify([...newest.values()])],
  );
  await wakeLooksAfterActivity(database, [...newest.values()]);
  await tellChanges(database, [...newest.values()]);
}

function jsonOf(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 1_000);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
