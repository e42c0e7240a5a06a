import type pg from 'pg';

/**
 * `tx_order` is the id of the inserting transaction plus the cluster's offset. Together with `seq` it is the order of all
 * events, and what is below the oldest running transaction can no longer change: that is all that readers are shown.
 */
const tables = `
  CREATE SCHEMA IF NOT EXISTS events;
  CREATE TABLE IF NOT EXISTS events.events (
    stream text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    id uuid NOT NULL,
    category text COLLATE "C" NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    tx_order bigint NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT one_event_per_revision PRIMARY KEY (stream, revision)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS events_in_order ON events.events (tx_order, seq);
  CREATE INDEX IF NOT EXISTS events_by_category ON events.events (category, tx_order, seq);
  CREATE TABLE IF NOT EXISTS events.ordering (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    xid_offset bigint NOT NULL
  );
  INSERT INTO events.ordering (xid_offset) VALUES (0) ON CONFLICT DO NOTHING;
`;

/** Transaction ids restart in a new cluster. After a restore the offset lifts them above everything that was brought along. */
const liftOffset = `
  UPDATE events.ordering
     SET xid_offset = (SELECT max(tx_order) FROM events.events) - pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1
   WHERE (SELECT max(tx_order) FROM events.events) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset
`;

const lockKey = 'events.schema';

/** Creates the tables where they are missing and makes sure that the next event comes after all others. Safe to run from many processes at once. */
export async function prepareEventTable(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [lockKey]);
    const { rows } = await client.query("SELECT to_regclass('events.ordering') AS existing");
    if (rows[0].existing === null) await client.query(tables);
    await client.query(liftOffset);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** Below this order key nothing can appear any more. */
export const horizon = `(SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + xid_offset FROM events.ordering)`;

export const nextTxOrder = `pg_current_xact_id()::text::bigint + (SELECT xid_offset FROM events.ordering)`;
