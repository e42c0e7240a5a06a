import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { playTrouble, type Outcome } from './fixtures/play-trouble.js';
import { flawless } from './fixtures/verdict.js';

/** Another one each time, unless it is given: npm test -- killed-processes --globals '{"troubleSeed": 7}' */
const seed = (globalThis as { troubleSeed?: number }).troubleSeed ?? Date.now() % 1_000_000;

describe(`services that are killed, cut off and lied to while mail arrives (seed ${seed})`, () => {
  let database: TestDatabase;
  let outcome: Outcome;
  let logsDir: string;

  beforeAll(async () => {
    const say = (sentence: string): unknown => process.stderr.write(`[seed ${seed}] ${sentence}\n`);
    logsDir = await mkdtemp(join(tmpdir(), 'tenant-google-trouble-'));
    database = await createTestDatabase();
    outcome = await playTrouble({
      databaseUrl: database.url,
      checkout: process.cwd(),
      logsDir,
      seed,
      lastsMs: 15_000,
      mails: 160,
      lastMails: 2,
      patienceMs: 50_000,
      say,
    });
    say(outcome.account);
  }, 240_000);
  afterAll(async () => {
    await database?.drop();
    await rm(logsDir, { recursive: true, force: true });
  });

  it('deliver each wanted mail, once for a host that de-duplicates, in the order of its mailbox', () => {
    const all = ['support', 'sales', 'billing'].map((name) => [`${name}@acme.example`, flawless]);
    expect(outcome.verdicts).toEqual(Object.fromEntries(all));
  });

  it('store each delivery once in the stream, and its raw message whole', () => {
    expect(outcome).toMatchObject({ storedTwice: [], damaged: [] });
  });

  it('leave nothing behind that waits, is parked or still fails', () => {
    expect(outcome).toMatchObject({ parkedMessages: [], parkedEvents: [], leftToDo: [] });
  });

  it('show every mailbox as connected, with nothing to tell', () => {
    expect([...new Set(Object.values(outcome.statuses))]).toEqual(['connected']);
  });

  it('go on by themselves: no process ended while everything that it needs was there', () => {
    expect(outcome.endedByThemselves).toEqual([]);
  });
});
