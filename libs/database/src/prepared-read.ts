import type pg from 'pg';
import type { DataSource } from 'typeorm';

/**
 * A read of a hot path: PostgreSQL plans it once per connection instead of each time, and it goes past TypeORM's query runner.
 * Name the columns: a `*` would make the kept plan useless when a migration adds one.
 * @param name the same for the same text, and for no other
 */
export async function preparedRead<Row extends object>(
  database: DataSource,
  name: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const { master } = database.driver as unknown as { master: pg.Pool };
  const { rows } = await master.query<Row>({ name, text, values });
  return rows;
}
