import { hostname } from 'node:os';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

export class LastSender1764300500000 implements MigrationInterface {
  readonly name = 'LastSender1764300500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE last_sender (single boolean PRIMARY KEY DEFAULT true CHECK (single), replica text NOT NULL, at timestamptz NOT NULL)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE last_sender');
  }
}

/** As an operator finds the process. */
const thisReplica = `${hostname()}, process ${process.pid},`;

/** This process is about to ask for due work. Not to be called when nothing is due: an idle look writes nothing. */
export async function noteSender(database: DataSource, now: Date): Promise<void> {
  await database.query(
    `INSERT INTO last_sender (replica, at) VALUES ($1, $2) ON CONFLICT (single) DO UPDATE SET replica = $1, at = $2`,
    [thisReplica, now],
  );
}

export async function lastSenderOf(database: DataSource): Promise<{ replica: string; at: Date } | null> {
  const rows: { replica: string; at: Date }[] = await database.query('SELECT replica, at FROM last_sender');
  return rows[0] ?? null;
}
