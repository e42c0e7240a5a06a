import pg from 'pg';
import { eventContracts } from '#contracts/registry';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { openKeptEvents } from './kept-events.js';
import type { Whereabouts } from './whereabouts.js';

const told = ({ stream, type, data }: RecordedEvent): string =>
  eventContracts
    .find((contract) => contract.type === type && contract.category === parseStreamName(stream).category)
    ?.tell(data) ?? '(an event of a newer version)';

/** The facts of one stream in plain words, oldest first. */
export async function showStream(where: Whereabouts, stream: string): Promise<string[]> {
  const store = await openKeptEvents(where);
  try {
    const events = await store.readStream(stream);
    return events.map((event) => {
      const { at, by } = event.metadata;
      return `${at}  ${String(event.revision).padStart(4)}  ${event.type.padEnd(24)} ${told(event)}  (by ${by})`;
    });
  } finally {
    await store.close();
  }
}

async function query<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** What will be asked for and when. */
export async function showDue(databaseUrl: string): Promise<string[]> {
  const rows = await query<{
    due_at: Date;
    deadline: Date | null;
    tenant_id: string;
    provider_id: string;
    command: string;
    attempts: number;
  }>(databaseUrl, 'SELECT * FROM maintenance.due_work WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 200');
  return rows.map(({ due_at, deadline, tenant_id, provider_id, command, attempts }) =>
    `${due_at.toISOString()}  ${command.padEnd(24)} ${tenant_id}${provider_id ? `+${provider_id}` : ''}  ${deadline ? `before ${deadline.toISOString()}` : ''}  ${attempts > 0 ? `attempt ${attempts + 1}` : ''}`.trimEnd(),
  );
}

const services = ['gateway', 'oauth', 'gmail', 'calendar', 'maintenance'];

/** What no projection or reactor could process, over all services. */
export async function showParked(databaseUrl: string): Promise<string[]> {
  const lines: string[] = [];
  for (const service of services) {
    const rows = await query<{
      id: string;
      processor: string;
      stream: string;
      type: string;
      status: string;
      reason: string;
    }>(
      databaseUrl,
      `SELECT id, processor, stream, type, status, reason FROM ${service}.parked_events ORDER BY since`,
    );
    for (const { id, processor, stream, type, status, reason } of rows) {
      lines.push(`${id}  ${status.padEnd(8)}  ${processor}  ${stream}  ${type}: ${reason}`);
    }
  }
  return lines;
}

/** Has a parked event, and with it its stream, tried again at once. False: nothing with that id is parked. */
export async function retryParkedEvent(databaseUrl: string, id: string): Promise<boolean> {
  for (const service of services) {
    const moved = await query(
      databaseUrl,
      `UPDATE ${service}.parked_events SET due_at = '-infinity'
        WHERE due_at IS NOT NULL AND (tenant_id, processor, stream) IN
              (SELECT tenant_id, processor, stream FROM ${service}.parked_events WHERE id::text = $1)
        RETURNING pg_notify('processors_${service}', '')`,
      [id],
    );
    if (moved.length > 0) return true;
  }
  return false;
}
