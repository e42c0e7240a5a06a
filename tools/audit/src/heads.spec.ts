import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#database/database';
import { ChainedEventStore } from '#event-sourcing/chain/chained-event-store';
import { signingKeyIn } from '#event-sourcing/chain/signing-key';
import { event } from '#event-sourcing/event-store.contract';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { MemoryLocks } from '#locks/memory-locks';
import { createLogger } from '#logging/logger';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { systemClock } from '#time/clock';
import { signing } from '../../../apps/maintenance/src/signing/sign-heads.js';
import { SignedHeads1764400000000 } from '../../../apps/maintenance/src/signing/signed-heads-table.js';
import { madeKey, publicKey, signedHeads } from './heads.js';
import { holds, verify } from './verify.js';

describe('signed heads on the command line', () => {
  let server: TestDatabase;
  beforeAll(async () => (server = await createTestDatabase()));
  afterAll(() => server.drop());

  it('are what verify accepts, with the key that make-key made', async () => {
    const database = await openDatabase({
      ...{ url: server.url, schema: 'maintenance', entities: [], poolSize: 2 },
      migrations: [SignedHeads1764400000000],
    });
    const kept = new InMemoryEventStore();
    await new ChainedEventStore(kept).append('mailbox-t1+p1', [event('A', 'mailbox-t1+p1')], 'no-stream');
    await expect(signedHeads(server.url, null)).rejects.toThrow('not signed yet');

    const { setting } = madeKey();
    const ending = new AbortController();
    const { workers } = signing(
      {
        ...{ database, keptEvents: kept, locks: new MemoryLocks(), clock: systemClock },
        logger: createLogger({ level: 'silent', name: 'maintenance' }),
      },
      signingKeyIn(setting)!,
    );
    const run = workers[0]!.run(ending.signal);
    while ((await database.query('SELECT 1 FROM signed_heads')).length === 0);
    ending.abort();
    await run;

    const folder = await mkdtemp(join(tmpdir(), 'tenant-google-heads-'));
    const file = join(folder, 'heads.txt');
    await writeFile(file, await signedHeads(server.url, new Date().toISOString().slice(0, 10)));
    const pem = await publicKey(setting);
    const verification = await verify(kept, { file, publicKey: createPublicKey(pem) });
    expect(holds(verification)).toBe(true);
    expect(verification.signed).toMatchObject({ heads: 1, departures: [] });
    expect(pem).not.toContain('PRIVATE');
    await rm(folder, { recursive: true });
    await database.destroy();
  });

  it('say what is wrong with a day or a key', async () => {
    await expect(signedHeads(server.url, 'monday')).rejects.toThrow('2026-11-23');
    await expect(signedHeads(server.url, '2020-01-01')).rejects.toThrow('nothing ran then');
    await expect(publicKey('nonsense')).rejects.toThrow('holds no key');
  });
});
