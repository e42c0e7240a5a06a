import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { ACTIVITY, DELIVERIES, NOTIFICATIONS } from '#deliveries/streams';
import { seconds } from '#time/clock';
import { CheckFailed } from '../report.js';
import type { Stage } from '../stage.js';

const patienceMs = seconds(60);

/** What is due now, by the tables and streams of those services that run. */
interface Waiting {
  due: number;
  mailboxes: number;
  parked: number;
  calendars: number;
  looks: number;
  problemsOut: number;
  mailsOut: number;
  changesOut: number;
  pushes: number;
  messages: number;
  /** Servers that do not answer, because they have only just come back. */
  unanswered: number;
}

type Tables = Omit<Waiting, 'pushes' | 'messages' | 'unanswered'> & { head: string };
const noTables: Tables = {
  due: 0,
  mailboxes: 0,
  parked: 0,
  calendars: 0,
  looks: 0,
  problemsOut: 0,
  mailsOut: 0,
  changesOut: 0,
  head: '',
};

/** Knows when there is nothing left to do before the clock moves on: looks into the tables, because nobody outside can know. */
export class Stillness {
  private readonly database: pg.Pool;
  private head = '';

  private constructor(
    private readonly stage: Stage,
    private readonly nats: NatsConnection,
    private readonly streams: JetStreamManager,
  ) {
    this.database = new pg.Pool({ connectionString: stage.embedded.postgresUrl, max: 1 });
    // A server that is stopped on purpose ends its connections; the next question opens another one.
    this.database.on('error', () => {});
  }

  static async open(stage: Stage): Promise<Stillness> {
    const nats = await connect({
      servers: stage.embedded.natsUrl,
      name: 'demo.stillness',
      maxReconnectAttempts: -1,
    });
    return new Stillness(stage, nats, await jetstreamManager(nats));
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.nats.close();
  }

  /** @throws CheckFailed with what was still to be done */
  async reached(away: readonly string[] = []): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (let quiet = 0; quiet < 2;) {
      const { waiting, head } = await this.look(away);
      const isQuiet = Object.values(waiting).every((count) => count === 0);
      if (isQuiet && head !== this.head) {
        await this.stage.embedded.caughtUp();
        this.head = head;
        quiet = 0;
        continue;
      }
      quiet = isQuiet ? quiet + 1 : 0;
      if (performance.now() > deadline)
        throw new CheckFailed(`Waited in vain until nothing was left to do: ${JSON.stringify(waiting)}`);
      if (quiet < 2) await pause(isQuiet ? 5 : 25);
    }
  }

  private async look(away: readonly string[]): Promise<{ waiting: Waiting; head: string }> {
    const asked = await Promise.allSettled([this.tables(), this.messages(away)]);
    const unanswered = asked.filter(({ status }) => status === 'rejected').length;
    const tables = asked[0].status === 'fulfilled' ? asked[0].value : noTables;
    const messages = asked[1].status === 'fulfilled' ? asked[1].value : 0;
    const runs = (service: string): boolean => !away.includes(service);
    return {
      head: tables.head,
      waiting: {
        due: runs('maintenance') ? tables.due : 0,
        mailboxes: runs('gmail') ? tables.mailboxes : 0,
        parked: runs('gmail') ? tables.parked : 0,
        calendars: runs('calendar') ? tables.calendars : 0,
        looks: runs('gateway') ? tables.looks : 0,
        problemsOut: runs('gateway') ? tables.problemsOut : 0,
        mailsOut: runs('gmail') ? tables.mailsOut : 0,
        changesOut: runs('calendar') ? tables.changesOut : 0,
        pushes: this.pushes(),
        messages,
        unanswered,
      },
    };
  }

  private async tables(): Promise<Tables> {
    const { rows } = await this.database.query<Tables>(
      `SELECT (SELECT count(*)::int FROM maintenance.due_work WHERE due_at <= $1) AS due,
              (SELECT count(*)::int FROM gmail.wanted_syncs WHERE due_at <= $1) AS mailboxes,
              (SELECT count(*)::int FROM gmail.parked_messages WHERE next_attempt_at <= $1) AS parked,
              (SELECT count(*)::int FROM calendar.wanted_syncs WHERE due_at <= $1) AS calendars,
              (SELECT count(*)::int FROM gateway.provider_looks WHERE look_at <= $1) AS looks,
              (SELECT count(*)::int FROM gateway.outbox) AS "problemsOut",
              (SELECT count(*)::int FROM gmail.outbox) AS "mailsOut",
              (SELECT count(*)::int FROM calendar.outbox) AS "changesOut",
              (SELECT count(*) FROM events.events)::text AS head`,
      [this.stage.clock.now()],
    );
    return rows[0]!;
  }

  /** What JetStream has for its consumers, apart from what a service that is away will find when it is back. */
  private async messages(away: readonly string[]): Promise<number> {
    let count = 0;
    for (const stream of [NOTIFICATIONS, DELIVERIES, ACTIVITY])
      for await (const { name, num_pending, num_ack_pending } of this.streams.consumers.list(stream))
        if (!away.some((service) => name.startsWith(service))) count += num_pending + num_ack_pending;
    return count;
  }

  /** What Google is sending at this moment; what was refused comes again later. */
  private pushes(): number {
    const { pubsub, calendar } = this.stage.embedded.simulator.world;
    const outs = pubsub.subscriptions().map(({ backlog }) => backlog.count('out'));
    return outs.reduce((sum, out) => sum + out, 0) + calendar.channels.pusher.sending;
  }
}
