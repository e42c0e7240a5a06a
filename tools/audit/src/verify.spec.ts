import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ChainedEventStore } from '#event-sourcing/chain/chained-event-store';
import { ChainCheck } from '#event-sourcing/chain/chain-check';
import { signHeads } from '#event-sourcing/chain/signed-heads';
import { event } from '#event-sourcing/event-store.contract';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { holds, told, verify } from './verify.js';

/** What a hand in the database does, and what an auditor is told of it. */
describe('the history in PostgreSQL', () => {
  const stream = 'mailbox-t1+p1';
  let database: TestDatabase;
  let kept: PostgresEventStore;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'tenant-google-audit-'));
    kept = await PostgresEventStore.open({ url: database.url, poolSize: 4, warn: () => {} });
    const store = new ChainedEventStore(kept);
    const types = ['MailboxAdded', 'WatchStarted', 'WatchRenewed'];
    for (const [index, type] of types.entries())
      await store.append(stream, [event(type, stream, { at: index })], index === 0 ? 'no-stream' : index - 1);
    await store.append('grant-t1+p1', [event('Authorized', 'grant-t1+p1')], 'no-stream');
    await kept.settled();
  });
  afterEach(async () => {
    await kept.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function byHand(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  it('holds as long as nobody touches it', async () => {
    const verification = await verify(kept, null);
    expect(verification).toEqual({ events: 4, streams: 2, unhashed: 0, breaks: [], signed: null });
    expect(told(verification).at(-1)).toBe('Every chain holds.');
  });

  it.each([
    ['an event’s content', `UPDATE events.events SET data = '{"at": 7}' WHERE revision = 1`, 'was changed'],
    [
      'who did it',
      `UPDATE events.events SET metadata = jsonb_set(metadata, '{by}', '"nobody"') WHERE type = 'WatchStarted'`,
      'was changed',
    ],
    ['an event away', `DELETE FROM events.events WHERE type = 'WatchStarted'`, 'events are missing'],
  ])('tells where a hand changed %s', async (_what, sql, words) => {
    await byHand(sql);
    const verification = await verify(kept, null);
    expect(holds(verification)).toBe(false);
    expect(verification.breaks).toHaveLength(1);
    expect(told(verification)[0]).toMatch(
      new RegExp(`^BROKEN  ${stream.replace('+', '\\+')} at \\d .*${words}`),
    );
  });

  it('tells from a list that was signed before that the end of a stream was cut off', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const check = new ChainCheck();
    for (const each of await kept.readAll({ after: null, limit: 100 })) check.add(each);
    const file = join(folder, 'heads.txt');
    await writeFile(file, await signHeads(check.heads(), new Date(), privateKey));
    expect(holds(await verify(kept, { file, publicKey }))).toBe(true);

    await byHand(`DELETE FROM events.events WHERE type = 'WatchRenewed'`);
    expect(holds(await verify(kept, null))).toBe(true);
    const verification = await verify(kept, { file, publicKey });
    expect(holds(verification)).toBe(false);
    expect(told(verification)[0]).toContain('is in the signed list and is not there any more');
  });
});
