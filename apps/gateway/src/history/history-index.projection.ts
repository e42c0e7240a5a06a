import { eventContracts } from '#contracts/registry';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projection } from '#processors/processor';

/** Numbers the events of each tenant in the order in which they were stored. Looks into none of them, so an event of a newer version has its place, too. */
export const historyIndex = projection({
  id: 'gateway.history-index',
  categories: [...new Set(eventContracts.map(({ category }) => category))],
  tables: ['history_index'],
  project: async (events, manager) => {
    const once = [...new Map(events.map((event) => [event.metadata.id, event])).values()];
    const rows = once.map(({ stream, revision, type, metadata }, place) => {
      const { category: about, tenantId, id } = parseStreamName(stream);
      const { at, by } = metadata;
      const where = { stream, revision, about, provider_id: id ?? null };
      return { place, tenant_id: tenantId, event_id: metadata.id, ...where, type, at, by };
    });
    await manager.query(
      `INSERT INTO history_index (tenant_id, ordinal, event_id, stream, revision, about, provider_id, type, at, by)
       SELECT e.tenant_id,
              coalesce((SELECT max(ordinal) FROM history_index k WHERE k.tenant_id = e.tenant_id), 0)
                + row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.place),
              e.event_id, e.stream, e.revision, e.about, e.provider_id, e.type, e.at, e.by
         FROM jsonb_to_recordset($1::jsonb)
              AS e(place integer, tenant_id text, event_id text, stream text, revision integer, about text,
                   provider_id text, type text, at timestamptz, by text)
        WHERE NOT EXISTS (SELECT 1 FROM history_index k WHERE k.tenant_id = e.tenant_id AND k.event_id = e.event_id)`,
      [JSON.stringify(rows)],
    );
  },
});
