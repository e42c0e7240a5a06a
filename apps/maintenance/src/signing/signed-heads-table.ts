import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Position } from '#event-sourcing/event-store';

/** A list per day, whichever replica signed it. */
export class SignedHeads1764400000000 implements MigrationInterface {
  readonly name = 'SignedHeads1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signed_heads (
        day date PRIMARY KEY,
        at timestamptz NOT NULL,
        kid text NOT NULL,
        -- Up to where events were read for it: the list of the next day begins there.
        position text,
        list bytea NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signed_heads');
  }
}

export interface SignedList {
  /** As `2026-11-23`, in UTC. */
  day: string;
  at: Date;
  kid: string;
  position: Position | null;
  /** As signHeads wrote it. */
  list: string;
}

type Query = <Row>(sql: string, values: unknown[]) => Promise<Row[]>;

/** The list of a day, or the latest. Null when there is none. */
export async function signedListOf(query: Query, day: string | null): Promise<SignedList | null> {
  const [row] = await query<Omit<SignedList, 'list'> & { list: Buffer }>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, at, kid, position, list FROM maintenance.signed_heads
      WHERE $1::date IS NULL OR day = $1::date ORDER BY day DESC LIMIT 1`,
    [day],
  );
  return row ? { ...row, list: gunzipSync(row.list).toString('utf8') } : null;
}

/** False: another replica was first. */
export async function keepSignedList(
  query: Query,
  { day, at, kid, position, list }: SignedList,
): Promise<boolean> {
  const kept = await query(
    `INSERT INTO maintenance.signed_heads (day, at, kid, position, list) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING day`,
    [day, at, kid, position, gzipSync(list)],
  );
  return kept.length > 0;
}

/** What `sha256sum` says of the list when it is kept in a file. */
export const fingerprintOf = (list: string): string => createHash('sha256').update(list).digest('hex');
