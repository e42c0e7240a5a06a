import { createTestDatabase } from '#servers/test-database';
import { openDatabase } from './database.js';
import { preparedRead } from './prepared-read.js';

it('reads from the service’s own schema, on every connection and also after the table grew', async () => {
  const test = await createTestDatabase();
  const database = await openDatabase({
    url: test.url,
    schema: 'pantry',
    entities: [],
    migrations: [],
    poolSize: 3,
  });
  try {
    await database.query('CREATE TABLE jars (id integer PRIMARY KEY, content text)');
    await database.query(`INSERT INTO jars VALUES (1, 'plums'), (2, 'pears')`);
    const contentOf = (id: number) =>
      preparedRead<{ content: string }>(database, 'jar', 'SELECT content FROM jars WHERE id = $1', [id]);
    const many = await Promise.all([1, 2, 3, 1, 2, 3].map(contentOf));
    expect(many.flat().map(({ content }) => content)).toEqual(['plums', 'pears', 'plums', 'pears']);
    await database.query('ALTER TABLE jars ADD COLUMN sealed_at timestamptz');
    expect(await contentOf(1)).toEqual([{ content: 'plums' }]);
  } finally {
    await database.destroy();
    await test.drop();
  }
});
