import { openDatabase } from '#database/database';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { createTestDatabase } from '#servers/test-database';
import { DueWork1764100000000, DueWorkSubject1764200000000 } from './due-work.projection.js';
import { HeldWork1764300000000 } from './held-work.js';

it('has an installation of before read all permissions that it knows', async () => {
  const { url, drop } = await createTestDatabase();
  try {
    const before = [ProcessorTables1760000000000, DueWork1764100000000, DueWorkSubject1764200000000];
    const options = { url, schema: 'maintenance', entities: [], poolSize: 1 };
    const old = await openDatabase({ ...options, migrations: before });
    await old.query(
      `INSERT INTO checkpoints (processor, position) VALUES ('maintenance.due-work', '7'), ('another', '7')`,
    );
    await old.destroy();
    const database = await openDatabase({ ...options, migrations: [...before, HeldWork1764300000000] });
    const rows = await database.query('SELECT processor, position FROM checkpoints ORDER BY processor');
    await database.destroy();
    expect(rows).toEqual([
      { processor: 'another', position: '7' },
      { processor: 'maintenance.due-work', position: null },
    ]);
  } finally {
    await drop();
  }
});
