import type { Means, Composition } from './service.js';
import type { Check, GaugeSource, WatchedService } from '#operating/operator-board';
import { schemaOf } from '#processors/parked-events';
import { howFarBehind, type Behind } from '#processors/behind';
import { minutes } from '#time/clock';

/** What operators are told of every service, and what the service itself adds. */
export function watchedService(
  name: string,
  means: Means,
  { processors, checks = [], gauges = [], notes = () => Promise.resolve([]) }: Composition,
  elapsedMs: () => number = () => performance.now(),
): WatchedService {
  const ids = processors.map(({ id, categories }) => ({ id, categories }));
  const behind = (): Promise<Behind[]> => howFarBehind(ids, means);
  return {
    name,
    checks: [
      natsAnswers(means),
      databaseAnswers(means),
      tablesAreMigrated(means),
      nobodyStandsStill(behind, elapsedMs),
      ...checks,
    ],
    gauges: [connections(means), lag(behind), parkedEvents(means), ...gauges],
    notes,
  };
}

const natsAnswers = ({ nats }: Means): Check => ({
  find: () =>
    answers(nats.flush()).then((yes) =>
      yes ? null : 'NATS does not answer: look at the server and at NATS_URL.',
    ),
});

const databaseAnswers = ({ database }: Means): Check => ({
  find: () =>
    answers(database.query('SELECT 1')).then((yes) =>
      yes ? null : 'PostgreSQL does not answer: look at the server and at DATABASE_URL.',
    ),
});

/** Somebody may have restored an older database while the service ran. */
const tablesAreMigrated = ({ database }: Means): Check => ({
  find: async () => {
    const wanted = database.migrations.map((migration) => migration.name ?? migration.constructor.name);
    const done: { name: string }[] = await database.query(
      `SELECT name FROM ${schemaOf(database)}.migrations`,
    );
    const names = new Set(done.map((each) => each.name));
    return wanted.every((each) => names.has(each))
      ? null
      : 'Its tables are not those of this version: restart it, so that it migrates them.';
  },
});

/** So long may a processor have work and get nowhere. */
const patience = minutes(1);

/** Behind is nobody's fault; behind without getting any further is. */
function nobodyStandsStill(behind: () => Promise<Behind[]>, elapsedMs: () => number): Check {
  const seen = new Map<string, { position: string | null; since: number }>();
  return {
    find: async () => {
      const now = elapsedMs();
      const still: string[] = [];
      for (const { processor, position, seconds } of await behind()) {
        const before = seen.get(processor);
        if (seconds === 0 || before === undefined || before.position !== position)
          seen.set(processor, { position, since: now });
        else if (now - before.since >= patience) still.push(processor);
      }
      if (still.length === 0) return null;
      return `Events wait and are not taken by ${still.join(', ')}: look at the log, and for a transaction that stays open in PostgreSQL.`;
    },
  };
}

const connections = ({ nats, database }: Means): GaugeSource => ({
  name: 'connected',
  help: '1 while the server answers, 0 while it does not',
  labels: ['server'],
  read: async () => {
    const [natsYes, databaseYes] = await Promise.all([
      answers(nats.flush()),
      answers(database.query('SELECT 1')),
    ]);
    return [
      { labels: { server: 'nats' }, value: Number(natsYes) },
      { labels: { server: 'postgresql' }, value: Number(databaseYes) },
    ];
  },
});

const lag = (behind: () => Promise<Behind[]>): GaugeSource => ({
  name: 'processor_behind_seconds',
  help: 'Age of the oldest event that a projection or reactor has not taken yet; 0 when there is none',
  labels: ['processor'],
  read: async () =>
    (await behind()).map(({ processor, seconds }) => ({ labels: { processor }, value: seconds })),
});

const parkedEvents = ({ database }: Means): GaugeSource => ({
  name: 'parked_events',
  help: 'Events that a projection or reactor could not process, by what becomes of them',
  labels: ['status'],
  read: async () => {
    const rows: { status: string; count: number }[] = await database.query(
      `SELECT status, count(parked.status)::int AS count
         FROM unnest(ARRAY['retrying', 'parked', 'held']) AS status
         LEFT JOIN parked_events AS parked USING (status) GROUP BY status`,
    );
    return rows.map(({ status, count }) => ({ labels: { status }, value: count }));
  },
});

const answerWithin = 2_000;

function answers(asked: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), answerWithin);
  });
  const answered = asked.then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
