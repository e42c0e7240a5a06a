import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { freePort } from '#servers/child-server';
import { openDatabase, type DatabaseOptions } from './database.js';

interface Door {
  id: string;
  paint: string;
}

const doors = new EntitySchema<Door>({
  name: 'doors',
  columns: { id: { type: 'text', primary: true }, paint: { type: 'text' } },
});

class Doors1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE doors (id text PRIMARY KEY)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE doors');
  }
}

class Paint1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE doors ADD paint text NOT NULL DEFAULT 'none'");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE doors DROP paint');
  }
}

describe("a service's database", () => {
  let server: TestDatabase;
  const options = (changes: Partial<DatabaseOptions> = {}): DatabaseOptions => ({
    url: server.url,
    schema: 'house',
    entities: [doors],
    migrations: [Doors1700000000000, Paint1700000000001],
    poolSize: 2,
    ...changes,
  });

  beforeEach(async () => {
    server = await createTestDatabase();
  });

  afterEach(() => server.drop());

  it('is migrated once when several replicas and services start at once', async () => {
    const opened = await Promise.all([
      openDatabase(options()),
      openDatabase(options()),
      openDatabase(options()),
      openDatabase(options({ schema: 'shed' })),
    ]);
    for (const database of opened) await database.getRepository(doors).save({ id: '1', paint: 'red' });
    const [house, , , shed] = opened;
    await shed!.query("UPDATE doors SET paint = 'green'");
    expect(await house!.getRepository(doors).find()).toEqual([{ id: '1', paint: 'red' }]);
    expect(await house!.query('SELECT name FROM house.migrations ORDER BY id')).toEqual([
      { name: 'Doors1700000000000' },
      { name: 'Paint1700000000001' },
    ]);
    for (const database of opened) await database.destroy();
  });

  it('is brought up to date from an older version, keeping its rows', async () => {
    const old = await openDatabase(options({ migrations: [Doors1700000000000] }));
    await old.query("INSERT INTO doors VALUES ('1')");
    await old.destroy();
    const current = await openDatabase(options());
    expect(await current.getRepository(doors).find()).toEqual([{ id: '1', paint: 'none' }]);
    await current.destroy();
  });

  it('refuses code that is older than the schema', async () => {
    await (await openDatabase(options())).destroy();
    await expect(openDatabase(options({ migrations: [Doors1700000000000] }))).rejects.toMatchObject({
      code: 'database.newer-than-code',
      message: expect.stringContaining('Paint1700000000001'),
    });
  });

  it('says where nothing answers, without the password', async () => {
    const port = await freePort();
    const url = `postgresql://someone:hush@127.0.0.1:${port}/tenants`;
    const refused = await openDatabase(options({ url })).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'database.unreachable',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    expect(String(refused)).not.toContain('hush');
  });

  it('says which database is missing and how to make it', async () => {
    const url = new URL(server.url);
    url.pathname = '/nowhere';
    await expect(openDatabase(options({ url: url.toString() }))).rejects.toMatchObject({
      code: 'database.missing',
      message: expect.stringContaining('CREATE DATABASE "nowhere"'),
    });
  });

  it('says which user is refused', async () => {
    const url = new URL(server.url);
    url.username = 'stranger';
    await expect(openDatabase(options({ url: url.toString() }))).rejects.toMatchObject({
      code: 'database.login-refused',
      message: expect.stringContaining('"stranger"'),
    });
  });

  it('says which user may not create its schema, and how to grant it', async () => {
    const owner = await openDatabase(options());
    const user = `guest_${Date.now()}`;
    await owner.query(`CREATE ROLE ${user} LOGIN`);
    const url = new URL(server.url);
    url.username = user;
    await expect(openDatabase(options({ url: url.toString(), schema: 'shed' }))).rejects.toMatchObject({
      code: 'database.not-permitted',
      message: expect.stringContaining('GRANT CREATE ON DATABASE'),
    });
    await owner.query(`DROP ROLE ${user}`);
    await owner.destroy();
  });
});
