import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { playRollingRestart, type AfterRestart } from './fixtures/play-rolling-restart.js';
import { flawless } from './fixtures/verdict.js';

describe('the distributed installation while every process and a node of NATS are restarted in turn', () => {
  let database: TestDatabase;
  let logsDir: string;
  let after: AfterRestart;

  beforeAll(async () => {
    logsDir = await mkdtemp(join(tmpdir(), 'tenant-google-rolling-'));
    database = await createTestDatabase();
    const say = (sentence: string): unknown => process.stderr.write(`${sentence}\n`);
    after = await playRollingRestart({ databaseUrl: database.url, checkout: process.cwd(), logsDir, say });
    const { mails, eventsCreated, eventsDeleted } = after;
    say(`Meanwhile ${mails} mails came, ${eventsCreated} events were made and ${eventsDeleted} deleted.`);
  }, 480_000);
  afterAll(async () => {
    await database?.drop();
    await rm(logsDir, { recursive: true, force: true });
  });

  it('has each of them restarted, with traffic all the while', () => {
    expect(after.restarted).toEqual([
      ...['gateway-1', 'gateway-2', 'oauth-1', 'gmail-1', 'nats-2'],
      ...['gmail-2', 'calendar-1', 'calendar-2', 'maintenance-1'],
    ]);
    for (const count of [after.mails, after.eventsCreated, after.eventsDeleted])
      expect(count).toBeGreaterThan(0);
  });

  it('loses and doubles no mail, and keeps the order of each mailbox', () => {
    const all = ['support', 'sales', 'billing'].map((name) => [`${name}@acme.example`, flawless]);
    expect(after.verdicts).toEqual(Object.fromEntries(all));
  });

  it('loses and doubles no change of a calendar', () => {
    const all = ['support', 'sales'].map((name) => [
      `${name}@acme.example`,
      { created: flawless, deleted: flawless },
    ]);
    expect(after.calendars).toEqual(Object.fromEntries(all));
    expect(after.storedTwice).toEqual([]);
  });

  it('leaves nothing parked, and everything connected', () => {
    expect(after.parkedEvents).toEqual([]);
    expect([...new Set(after.statuses)]).toEqual(['connected']);
  });

  it('needs nobody else to restart a process', () => {
    expect(after.endedByThemselves).toEqual([]);
  });
});
