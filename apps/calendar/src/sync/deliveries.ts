import { createHash } from 'node:crypto';
import {
  CALENDAR_EVENT_CREATED,
  CALENDAR_EVENT_DELETED,
  CALENDAR_EVENT_UPDATED,
  type CalendarEventChanged,
} from '#contracts/calendar-event';
import type { Delivery } from '#deliveries/outbox';
import { keyOf, type CalendarKey } from './calendar-key.js';
import type { Change } from './changes.js';

/** The changes as they go out, in their places of the calendar's order. */
export const deliveriesOf = (
  calendar: CalendarKey,
  changes: Change[],
  { firstSequence, now }: { firstSequence: number; now: Date },
): Delivery[] =>
  changes.map((change, index) => {
    const payload = payloadOf(calendar, change, { sequence: firstSequence + index, now });
    const { deliveryId, type } = payload;
    return { deliveryId, tenantId: calendar.tenantId, inOrderOf: keyOf(calendar), type, payload };
  });

function payloadOf(
  calendar: CalendarKey,
  change: Change,
  { sequence, now }: { sequence: number; now: Date },
): CalendarEventChanged {
  const { eventId, etag, seriesMasterId, originalStart, changedAt } =
    change.kind === 'deleted' ? change : change.listed;
  const common = {
    version: 1 as const,
    deliveryId: deliveryIdOf(calendar, { kind: change.kind, eventId, etag, sequence }),
    tenantId: calendar.tenantId,
    providerId: calendar.providerId,
    provider: 'google' as const,
    calendarId: calendar.calendarId,
    eventId,
    seriesMasterId,
    originalStart,
    etag,
    sequence,
    changedAt: changedAt ?? now.toISOString(),
  };
  if (change.kind === 'deleted') return { type: CALENDAR_EVENT_DELETED, ...common, cut: [], event: null };
  const { event, cut } = change.listed.present;
  const type = change.kind === 'created' ? CALENDAR_EVENT_CREATED : CALENDAR_EVENT_UPDATED;
  return { type, ...common, cut, event };
}

/** With the place in the order: an event may come back to what it was before, and that is a change again. */
const deliveryIdOf = (
  calendar: CalendarKey,
  { kind, eventId, etag, sequence }: { kind: string; eventId: string; etag: string | null; sequence: number },
): string =>
  createHash('sha256')
    .update(JSON.stringify([keyOf(calendar), eventId, etag, kind, sequence]))
    .digest('base64url');
