import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { calendarActivity, type CalendarActivity } from '#contracts/calendar';
import { messagesAtHand } from '#deliveries/messages-at-hand';
import { ACTIVITY } from '#deliveries/streams';
import type { Worker } from '#hosting/service';
import type { Logger } from '#logging/logger';
import { seconds } from '#time/clock';
import { tellChanges } from '../changes/tell-changes.js';
import { wakeLooksAfterActivity } from '../problems/wake-looks.js';
import type { ActivityMeans } from '../status/activity.js';

const durable = 'gateway-calendar-activity';
const batchSize = 500;

/** Takes what calendars did lately into their rows, many at once. Replicas share the consumer; an older report never wins. */
export const calendarActivityWorker = ({ nats, database, logger }: ActivityMeans): Worker => ({
  name: 'calendar-activity',
  run: async (signal) => {
    while (!signal.aborted) {
      try {
        const manager = await jetstreamManager(nats);
        await manager.consumers.add(ACTIVITY, {
          durable_name: durable,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.LastPerSubject,
          filter_subject: 'activity.calendar.*.*.*',
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
        logger.warn({ err: error }, 'the activity of calendars cannot be taken at the moment; trying again');
        await pause(seconds(1), undefined, { signal }).catch(() => {});
      }
    }
  },
});

async function record(database: DataSource, messages: JsMsg[], logger: Logger): Promise<void> {
  const newest = new Map<string, CalendarActivity & { sequence: number }>();
  for (const message of messages) {
    const parsed = calendarActivity.safeParse(jsonOf(message));
    if (parsed.success) newest.set(message.subject, { ...parsed.data, sequence: message.seq });
    else logger.error({ subject: message.subject }, 'a report of activity is malformed and is passed over');
  }
  await database.query(
    `INSERT INTO calendar_activity AS known
            (tenant_id, provider_id, calendar_id, last_notification_at, last_sync_at, sequence)
     SELECT r."tenantId", r."providerId", r."calendarId", r."lastNotificationAt", r."lastSyncAt", r.sequence
       FROM jsonb_to_recordset($1::jsonb)
            AS r("tenantId" text, "providerId" text, "calendarId" text,
                 "lastNotificationAt" timestamptz, "lastSyncAt" timestamptz, sequence bigint)
      ORDER BY 1, 2, 3
     ON CONFLICT (tenant_id, provider_id, calendar_id) DO UPDATE
       SET last_notification_at = excluded.last_notification_at, last_sync_at = excluded.last_sync_at,
           sequence = excluded.sequence
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
