import type { EntityManager } from 'typeorm';
import type { CalendarFacet } from '../calendar/calendar-facet.js';
import { deriveCalendarStatus, type CalendarActivityRow } from '../calendar/derive-calendar-status.js';
import type { MailboxFacet } from '../status/mailbox-facet.js';
import { deriveStatus, type Facets } from '../status/derive-status.js';
import type { AppFacet, GrantFacet, TopicFacet } from '../status/tenant-facets.js';
import { gone, viewOfCalendars, viewOfMailbox, type ProviderView } from './problems-to-tell.js';

export interface ProviderId {
  tenantId: string;
  providerId: string;
}

/** What a provider's status is made of, and how it is shown at any moment. */
export interface ProviderFacts extends ProviderId {
  product: 'gmail' | 'calendar' | null;
  /** Of each of its streams, how far it was read. */
  revisions: number[];
  /** All times that the status depends on are somewhere in here. */
  facets: unknown;
  viewAt(now: Date): ProviderView;
  /** The earliest end of what Google notifies through. */
  endsAt: string | null;
}

interface Row extends ProviderId {
  mailbox: MailboxFacet | null;
  calendar: CalendarFacet | null;
  grant: GrantFacet | null;
  app: AppFacet | null;
  topic: TopicFacet | null;
  revisions: number[];
  activity: Facets['activity'];
  calendarActivity: ({ calendarId: string } & CalendarActivityRow)[] | null;
}

/** Of all of them in one statement, so that it is one moment that is seen. A provider whose row is not there is left out. */
export async function factsOf(manager: EntityManager, providers: ProviderId[]): Promise<ProviderFacts[]> {
  const rows: Row[] = await manager.query(
    `SELECT p.tenant_id AS "tenantId", p.provider_id AS "providerId", p.mailbox, p.calendar,
            p.grant_state AS "grant", t.app, t.topic,
            ARRAY[p.mailbox_revision, p.calendar_revision, p.grant_revision,
                  coalesce(t.app_revision, -1), coalesce(t.topic_revision, -1)] AS revisions,
            CASE WHEN a.parked IS NULL THEN NULL ELSE jsonb_build_object('lastPushAt', ${iso('a.last_push_at')},
              'lastSyncAt', ${iso('a.last_sync_at')}, 'parked', a.parked) END AS activity,
            (SELECT jsonb_agg(jsonb_build_object('calendarId', c.calendar_id,
                      'lastNotificationAt', ${iso('c.last_notification_at')}, 'lastSyncAt', ${iso('c.last_sync_at')}))
               FROM calendar_activity c
              WHERE c.tenant_id = p.tenant_id AND c.provider_id = p.provider_id) AS "calendarActivity"
       FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, provider_id)
       JOIN provider_statuses p USING (tenant_id, provider_id)
       LEFT JOIN tenant_statuses t USING (tenant_id)
       LEFT JOIN provider_activity a USING (tenant_id, provider_id)`,
    [providers.map(({ tenantId }) => tenantId), providers.map(({ providerId }) => providerId)],
  );
  return rows.map(factsIn);
}

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function factsIn({ tenantId, providerId, revisions, mailbox, calendar, ...row }: Row): ProviderFacts {
  const { grant, app, topic, activity } = row;
  const of = { tenantId, providerId, revisions };
  if (mailbox) {
    const facets: Facets = { mailbox, grant, app, topic, activity };
    return {
      ...of,
      product: 'gmail',
      facets,
      viewAt: (now) => (mailbox.removed ? gone : viewOfMailbox(deriveStatus(facets, now), now)),
      endsAt: mailbox.watch?.expiresAt ?? null,
    };
  }
  if (calendar) {
    const lately = (row.calendarActivity ?? []).map(
      ({ calendarId, ...times }) => [calendarId, times] as const,
    );
    const facets = { calendar, grant, app, activity: Object.fromEntries(lately) };
    const ends = calendar.calendars.flatMap(({ mode, channel }) =>
      mode === 'push' && channel ? [channel.expiresAt] : [],
    );
    return {
      ...of,
      product: 'calendar',
      facets,
      viewAt: (now) => (calendar.removed ? gone : viewOfCalendars(deriveCalendarStatus(facets, now), now)),
      endsAt: ends.toSorted()[0] ?? null,
    };
  }
  return { ...of, product: null, facets: null, viewAt: () => gone, endsAt: null };
}
