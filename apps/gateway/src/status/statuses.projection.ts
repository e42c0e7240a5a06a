import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projection } from '#processors/processor';
import { calendarAfter } from '../calendar/calendar-facet.js';
import { tellChanges } from '../changes/tell-changes.js';
import { wakeLooks } from '../problems/wake-looks.js';
import { mailboxAfter } from './mailbox-facet.js';
import { appAfter, grantAfter, topicAfter } from './tenant-facets.js';

interface Place {
  table: 'provider_statuses' | 'tenant_statuses';
  facet: string;
  revision: string;
  after(before: unknown, event: RecordedEvent): unknown;
}

const place = <Facet>(
  table: Place['table'],
  facet: string,
  revision: string,
  after: (before: Facet | null, event: RecordedEvent) => Facet,
): Place => ({ table, facet, revision, after: after as Place['after'] });

/** Each category of streams has a column of its own, so that streams that arrive in any order never overwrite each other. */
const places: Record<string, Place> = {
  googleApp: place('tenant_statuses', 'app', 'app_revision', appAfter),
  topic: place('tenant_statuses', 'topic', 'topic_revision', topicAfter),
  grant: place('provider_statuses', 'grant_state', 'grant_revision', grantAfter),
  mailbox: place('provider_statuses', 'mailbox', 'mailbox_revision', mailboxAfter),
  calendar: place('provider_statuses', 'calendar', 'calendar_revision', calendarAfter),
};

export const statuses = projection({
  id: 'gateway.statuses',
  categories: Object.keys(places),
  tables: ['provider_statuses', 'tenant_statuses'],
  project: async (events, manager) => {
    for (const [stream, ofStream] of Map.groupBy(events, ({ stream }) => stream))
      await fold(stream, ofStream, manager);
    const changed = [...new Set(events.map(({ stream }) => stream))].map(parseStreamName);
    await wakeLooks(manager, {
      providers: changed.flatMap(({ tenantId, id }) =>
        id === undefined ? [] : { tenantId, providerId: id },
      ),
      tenants: changed.flatMap(({ tenantId, id }) => (id === undefined ? tenantId : [])),
    });
  },
});

/** One read and one write for all events of a stream in the batch. */
async function fold(stream: string, events: RecordedEvent[], manager: EntityManager): Promise<void> {
  const { category, tenantId, id } = parseStreamName(stream);
  const { table, facet, revision, after } = places[category]!;
  const key = table === 'provider_statuses' ? ['tenant_id', 'provider_id'] : ['tenant_id'];
  const values = table === 'provider_statuses' ? [tenantId, id] : [tenantId];
  const where = key.map((column, index) => `${column} = $${index + 1}`).join(' AND ');
  const rows: { facet: unknown; revision: number }[] = await manager.query(
    `SELECT ${facet} AS facet, ${revision} AS revision FROM ${table} WHERE ${where} FOR UPDATE`,
    values,
  );
  const before = rows[0] ?? { facet: null, revision: -1 };
  const state = { ...before };
  for (const event of events) {
    if (event.revision <= state.revision) continue;
    state.facet = after(state.facet, event);
    state.revision = event.revision;
  }
  if (state.revision === before.revision) return;
  const next = values.length;
  await manager.query(
    `INSERT INTO ${table} (${key.join(', ')}, ${facet}, ${revision})
     VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')}, $${next + 1}::jsonb, $${next + 2})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${facet} = $${next + 1}::jsonb, ${revision} = $${next + 2}`,
    [...values, JSON.stringify(state.facet), state.revision],
  );
  await tellChanges(manager, [{ tenantId, providerId: id ?? null }]);
}
