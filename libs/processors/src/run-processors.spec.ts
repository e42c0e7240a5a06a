import { EventEmitter, once } from 'node:events';
import type { DataSource, EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { openDatabase } from '#database/database';
import { event } from '#event-sourcing/event-store.contract';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { hours, minutes, MovableClock, seconds } from '#time/clock';
import { quickAttempts } from './backoff.js';
import { CheckpointMoved, checkpointOf } from './checkpoint.js';
import { listParked, retryParked } from './parked-events.js';
import {
  type Processor,
  projectByType,
  projection,
  type Reaction,
  reactByType,
  reactor,
} from './processor.js';
import { ProcessorTables1760000000000 } from './processor-tables.js';
import { applyBatch } from './projecting.js';
import { rebuild } from './rebuild.js';
import { Run } from './run.js';
import { runProcessors, type RunningProcessors } from './run-processors.js';

class Rooms1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE rooms (tenant_id text, id text, log text NOT NULL, revision int NOT NULL, PRIMARY KEY (tenant_id, id))',
    );
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rooms');
  }
}

const [r1, r2, other] = ['room-t1+r1', 'room-t1+r2', 'room-t2+r1'];

/** What the spec has the processors refuse, by event id or type; removed again, all is well. */
const faulty = new Set<string>();

const write = async (recorded: RecordedEvent, manager: EntityManager): Promise<void> => {
  const [, tenantId, id] = /^room-(.+)\+(.+)$/.exec(recorded.stream)!;
  await manager.query(
    `INSERT INTO rooms VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, id) DO UPDATE
        SET log = rooms.log || ' ' || excluded.log, revision = excluded.revision WHERE rooms.revision < excluded.revision`,
    [tenantId, id, recorded.type, recorded.revision],
  );
  if (faulty.has(recorded.metadata.id)) await manager.query('SELECT 1 / 0');
};

const rooms = projection({
  id: 'house.rooms',
  categories: ['room'],
  tables: ['rooms'],
  project: projectByType({ Opened: write, Cleaned: write, Closed: write, Painted: 'pass' }),
});

describe('processors', () => {
  let server: TestDatabase;
  let database: DataSource;
  let store: PostgresEventStore;
  let clock: MovableClock;
  let warnings: string[];
  let concerned: unknown[];
  const running: RunningProcessors[] = [];

  beforeEach(async () => {
    server = await createTestDatabase();
    database = await openDatabase({
      url: server.url,
      schema: 'house',
      entities: [],
      migrations: [ProcessorTables1760000000000, Rooms1760000000001],
      poolSize: 6,
    });
    store = await PostgresEventStore.open({ url: server.url, poolSize: 4, warn: () => {} });
    clock = new MovableClock();
    warnings = [];
    concerned = [];
    faulty.clear();
  });

  afterEach(async () => {
    for (const each of running.splice(0)) await each.close();
    await store.close();
    await database.destroy();
    await server.drop();
  });

  function run(...processors: Processor[]): RunningProcessors {
    const started = runProcessors(processors, {
      database,
      store,
      clock,
      warn: (sentence, about) => {
        warnings.push(sentence);
        concerned.push(about);
      },
      signal: new AbortController().signal,
    });
    running.push(started);
    return started;
  }

  async function happen(stream: string, ...types: string[]) {
    const events = types.map((type) => event(type, stream));
    await store.append(stream, events, 'any');
    return events;
  }

  const logs = async (): Promise<Record<string, string>> => {
    const rows: { room: string; log: string }[] = await database.query(
      "SELECT tenant_id || '/' || id AS room, log FROM rooms ORDER BY 1",
    );
    return Object.fromEntries(rows.map(({ room, log }) => [room, log]));
  };

  const parkedLine = async () =>
    (await listParked(database)).map(({ stream, revision, status }) => `${stream}@${revision} ${status}`);

  describe('that project', () => {
    it('fill rows from what is there and from what comes', async () => {
      await happen(r1, 'Opened', 'Cleaned');
      const { caughtUp } = run(rooms);
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned' });
      await happen(other, 'Opened', 'Painted');
      await happen(r1, 'Closed');
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned Closed', 't2/r1': 'Opened' });
    });

    it('go on where they were after a restart', async () => {
      await happen(r1, 'Opened');
      const first = run(rooms);
      await first.caughtUp();
      await first.close();
      await database.query('TRUNCATE rooms');
      await happen(r1, 'Closed');
      await run(rooms).caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Closed' });
    });

    it('park the stream of an event that throws, without its rows, and let all others through', async () => {
      const [, bad] = await happen(r1, 'Opened', 'Cleaned');
      faulty.add(bad!.metadata.id);
      await happen(r1, 'Closed');
      await happen(other, 'Opened');
      const { caughtUp } = run(rooms);
      await caughtUp();
      await happen(r1, 'Opened');
      await happen(r2, 'Opened');
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened', 't1/r2': 'Opened', 't2/r1': 'Opened' });
      expect(await parkedLine()).toEqual([`${r1}@1 parked`, `${r1}@2 held`, `${r1}@3 held`]);
      const [parked] = await listParked(database, { tenantId: 't1' });
      expect(parked).toMatchObject({
        type: 'Cleaned',
        reason: 'division by zero',
        processor: 'house.rooms',
        attempts: 1,
      });
      expect(await listParked(database, { tenantId: 't2' })).toEqual([]);
      expect(warnings.join()).toContain(`house.rooms parked Cleaned ${bad!.metadata.id}`);
      const { tenantId, correlationId } = bad!.metadata;
      expect(concerned).toContainEqual(
        expect.objectContaining({ processor: 'house.rooms', tenantId, correlationId }),
      );
    });

    it('bring a parked stream up to date, in order, once its time has come and the cause is gone', async () => {
      const [bad] = await happen(r1, 'Opened', 'Cleaned', 'Closed');
      faulty.add(bad!.metadata.id);
      const { caughtUp } = run(rooms);
      await caughtUp();
      await attempted(2, () => clock.advance(minutes(2)));
      expect(await logs()).toEqual({});
      faulty.clear();
      await until(
        async () => (await parkedLine()).length === 0,
        () => clock.advance(hours(1)),
      );
      await happen(r1, 'Opened');
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned Closed Opened' });
    });

    it('retry a parked event by hand, through any replica', async () => {
      const [bad, next] = await happen(r1, 'Opened', 'Cleaned');
      faulty.add(bad!.metadata.id).add(next!.metadata.id);
      await run(rooms).caughtUp();
      const [, held] = await listParked(database, { processor: 'house.rooms' });
      faulty.delete(bad!.metadata.id);
      expect(await retryParked(database, held!.id)).toBe(true);
      await until(async () => (await parkedLine()).join() === `${r1}@1 parked`);
      expect(await logs()).toEqual({ 't1/r1': 'Opened' });
      faulty.clear();
      expect(await retryParked(database, held!.id)).toBe(true);
      await until(async () => (await parkedLine()).length === 0);
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned' });
      expect(await retryParked(database, held!.id)).toBe(false);
    });

    it('remember after a restart which streams wait', async () => {
      const [bad] = await happen(r1, 'Opened');
      faulty.add(bad!.metadata.id);
      const first = run(rooms);
      await first.caughtUp();
      await first.close();
      faulty.clear();
      await happen(r1, 'Closed');
      await run(rooms).caughtUp();
      expect(await parkedLine()).toEqual([`${r1}@0 parked`, `${r1}@1 held`]);
    });

    it('park an event type that nobody has told them about', async () => {
      await happen(r1, 'Opened', 'Exploded');
      await happen(r2, 'toString');
      await run(rooms).caughtUp();
      expect(await parkedLine()).toEqual([`${r1}@1 parked`, `${r2}@0 parked`]);
      expect((await listParked(database))[0]!.reason).toContain('"Exploded" is not an event type');
      expect(await logs()).toEqual({ 't1/r1': 'Opened' });
    });

    it('are filled anew from the beginning by a rebuild while they run', async () => {
      const [bad] = await happen(r1, 'Opened', 'Closed');
      faulty.add(bad!.metadata.id);
      await happen(other, 'Opened');
      const { caughtUp } = run(rooms);
      await caughtUp();
      await database.query("UPDATE rooms SET log = 'wrong'");
      faulty.clear();
      await rebuild(rooms, database);
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened Closed', 't2/r1': 'Opened' });
      expect(await parkedLine()).toEqual([]);
    });

    it('blame no event when the database is in trouble, but wait and go on', async () => {
      let troubles = 2;
      const shaken = projection({
        ...rooms,
        project: async (events, manager) => {
          await rooms.project(events, manager);
          if (troubles-- > 0) throw Object.assign(new Error('the database is going down'), { code: '57P01' });
        },
      });
      await happen(r1, 'Opened', 'Closed');
      await run(shaken).caughtUp();
      expect(await parkedLine()).toEqual([]);
      expect(await logs()).toEqual({ 't1/r1': 'Opened Closed' });
      expect(warnings.join()).toContain('house.rooms stands still');
    });

    it('write nothing when another run has moved the checkpoint meanwhile', async () => {
      await happen(r1, 'Opened');
      await store.settled();
      const batch = await store.readAll({ after: null, limit: 10 });
      const start = await checkpointOf(database, rooms.id);
      const means = { database, store, clock, warn: () => {} };
      const runs = [1, 2].map(() => new Run(means, rooms.id, new AbortController().signal, start, new Set()));
      await applyBatch(runs[0]!, rooms, batch);
      await database.query('TRUNCATE rooms');
      await expect(applyBatch(runs[1]!, rooms, batch)).rejects.toThrow(CheckpointMoved);
      expect(await logs()).toEqual({});
    });

    async function attempted(times: number, move: () => void): Promise<void> {
      await until(async () => ((await listParked(database))[0]?.attempts ?? 0) >= times, move);
    }
  });

  describe('that react', () => {
    it('react to every event, in order within a stream, and not again after a restart', async () => {
      const seen: string[] = [];
      const noting = recording(seen);
      await happen(r1, 'Opened', 'Cleaned', 'Closed');
      await happen(other, 'Opened');
      const first = run(noting);
      await first.caughtUp();
      await first.close();
      await happen(r1, 'Opened');
      await run(noting).caughtUp();
      expect(seen.filter((each) => each.startsWith(r1))).toEqual([
        `${r1}@0`,
        `${r1}@1`,
        `${r1}@2`,
        `${r1}@3`,
      ]);
      expect(seen.filter((each) => each.startsWith(other))).toEqual([`${other}@0`]);
    });

    it('ask again after a while, holding up nothing but the stream', async () => {
      const seen: string[] = [];
      const answers: Reaction[] = [{ retry: 'busy' }, { retry: 'still busy' }];
      await happen(r1, 'Opened', 'Closed');
      await happen(r2, 'Opened');
      await run(
        recording(seen, (recorded) => (recorded.stream === r1 ? answers.shift() : undefined)),
      ).caughtUp();
      expect(await parkedLine()).toEqual([`${r1}@0 retrying`, `${r1}@1 held`]);
      expect(seen).toEqual([`${r1}@0`, `${r2}@0`]);
      await until(
        async () => (await parkedLine()).length === 0,
        () => clock.advance(seconds(1)),
      );
      expect(seen.filter((each) => each.startsWith(r1))).toEqual([
        `${r1}@0`,
        `${r1}@0`,
        `${r1}@0`,
        `${r1}@1`,
      ]);
      expect(warnings).toEqual([]);
    });

    it('park and tell when asking again did not help for a while', async () => {
      const [stubborn] = await happen(r1, 'Opened');
      await run(
        reactor({
          id: 'house.doomed',
          categories: ['room'],
          react: async () => {
            throw new Error('no power');
          },
        }),
      ).caughtUp();
      await until(
        async () => (await parkedLine()).join() === `${r1}@0 parked`,
        () => clock.advance(seconds(40)),
      );
      const [parked] = await listParked(database);
      expect(parked).toMatchObject({ reason: 'no power', attempts: quickAttempts + 1 });
      expect(warnings).toEqual([
        expect.stringContaining(`house.doomed parked Opened ${stubborn!.metadata.id}`),
      ]);
    });

    it('park at once what they cannot do or do not know', async () => {
      await happen(r1, 'Opened', 'Closed');
      await happen(r2, 'Exploded');
      const react = reactByType({ Opened: async () => ({ park: 'the tenant is gone' }), Closed: 'pass' });
      await run(reactor({ id: 'house.picky', categories: ['room'], react })).caughtUp();
      expect(await parkedLine()).toEqual([`${r1}@0 parked`, `${r1}@1 held`, `${r2}@0 parked`]);
      const reasons = (await listParked(database)).map(({ reason }) => reason);
      expect(reasons[0]).toBe('the tenant is gone');
      expect(reasons[2]).toContain('"Exploded"');
      expect(warnings).toHaveLength(2);
    });

    it('are asked again for what they had not answered when they were stopped', async () => {
      const begun = new EventEmitter();
      const seen: string[] = [];
      const stuck = recording(seen, () => {
        queueMicrotask(() => begun.emit('reaction'));
        return new Promise<never>(() => {});
      });
      await happen(r1, 'Opened');
      const reached = once(begun, 'reaction');
      const first = run(stuck);
      await reached;
      await first.close();
      expect(await parkedLine()).toEqual([]);
      await run(recording(seen)).caughtUp();
      expect(seen).toEqual([`${r1}@0`, `${r1}@0`]);
    });

    it('come back to what was held when they were stopped right behind the event that had been parked', async () => {
      const seen: string[] = [];
      const begun = new EventEmitter();
      const reached = once(begun, 'second');
      let repaired = false;
      const first = run(
        recording(seen, ({ revision }) => {
          if (revision === 0) return repaired ? 'done' : { park: 'broken' };
          queueMicrotask(() => begun.emit('second'));
          return new Promise<never>(() => {});
        }),
      );
      await happen(r1, 'Opened', 'Closed');
      await first.caughtUp();
      repaired = true;
      clock.advance(minutes(2));
      await reached;
      await first.close();
      await run(recording(seen)).caughtUp();
      await until(async () => (await parkedLine()).length === 0);
      expect(seen).toEqual([`${r1}@0`, `${r1}@0`, `${r1}@1`, `${r1}@1`]);
    });

    it('have caught up only when what they caused has been processed too', async () => {
      const chain = reactor({
        id: 'house.chain',
        categories: ['room'],
        react: async ({ type, stream }) => {
          if (type === 'Opened') await happen(stream, 'Cleaned');
          if (type === 'Cleaned') await happen(stream, 'Closed');
          return 'done';
        },
      });
      const { caughtUp } = run(rooms, chain);
      await happen(r1, 'Opened');
      await caughtUp();
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned Closed' });
    });
  });

  describe('in several replicas', () => {
    it('run in one of them, until another takes over', async () => {
      const [here, there]: string[][] = [[], []];
      const first = run(recording(here!));
      await happen(r1, 'Opened');
      await first.caughtUp();
      const second = run(recording(there!));
      await happen(r1, 'Closed');
      await second.caughtUp();
      expect([here, there]).toEqual([[`${r1}@0`, `${r1}@1`], []]);
      await first.close();
      await happen(r1, 'Opened');
      await second.caughtUp();
      expect([here, there]).toEqual([[`${r1}@0`, `${r1}@1`], [`${r1}@2`]]);
    });

    it('go on when the leader loses its connection', async () => {
      const { caughtUp } = run(rooms);
      run(rooms);
      await happen(r1, 'Opened');
      await caughtUp();
      for (let n = 0; n < 3; n++) {
        await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'house-processors'`,
        );
        await happen(r1, 'Cleaned');
        await caughtUp();
      }
      expect(await logs()).toEqual({ 't1/r1': 'Opened Cleaned Cleaned Cleaned' });
    });

    it('cannot be given one id twice in the same replica', () => {
      expect(() => run(rooms, rooms)).toThrow('same id');
    });
  });

  function recording(
    seen: string[],
    answer: (recorded: RecordedEvent) => Reaction | Promise<Reaction> | undefined = () => undefined,
  ): Processor {
    return reactor({
      id: 'house.recorder',
      categories: ['room'],
      react: async (recorded) => {
        seen.push(`${recorded.stream}@${recorded.revision}`);
        return (await answer(recorded)) ?? 'done';
      },
    });
  }
});

/** What the background does has no end that could be awaited, so it is looked at until it is so. */
async function until(reached: () => Promise<boolean>, meanwhile: () => void = () => {}): Promise<void> {
  while (!(await reached())) {
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
