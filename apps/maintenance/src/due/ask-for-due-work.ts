import type { DataSource } from 'typeorm';
import { OpenChannel, RenewChannel, SyncCalendar } from '#contracts/calendar';
import type { RequestContract } from '#contracts/contract';
import {
  CheckFirstNotification,
  ProvisionTopic,
  RenewWatch,
  StartWatch,
  SyncMailbox,
} from '#contracts/gmail';
import type { Means, Worker } from '#hosting/service';
import type { Reply } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { minutes, seconds } from '#time/clock';
import type { CalendarDueCommand } from './due-calendar-changes.js';
import type { DueCommand } from './due-changes.js';
import { noteSender } from './last-sender.js';

const contracts: Record<DueCommand | CalendarDueCommand, RequestContract> = {
  ProvisionTopic: ProvisionTopic as RequestContract,
  StartWatch: StartWatch as RequestContract,
  RenewWatch: RenewWatch as RequestContract,
  CheckFirstNotification: CheckFirstNotification as RequestContract,
  SyncMailbox: SyncMailbox as RequestContract,
  OpenChannel: OpenChannel as RequestContract,
  RenewChannel: RenewChannel as RequestContract,
  SyncCalendar: SyncCalendar as RequestContract,
};

export const dueCommands = Object.keys(contracts);

interface DueRow {
  tenant_id: string;
  provider_id: string;
  /** The id of a single calendar; empty for work of the whole provider. */
  subject: string;
  command: DueCommand | CalendarDueCommand;
  due_at: Date;
  every_ms: string | null;
  attempts: number;
  cause: { id: string; correlationId: string };
  revision: number;
}

const lookEveryMs = seconds(1);
const mostAtOnce = 16;

/** What follows from an answer: asked again later, asked again after its interval, or over until an event says otherwise. */
export type Consequence = { again: Date; attempts: number } | 'over';

/** Pure: an unanswered or transiently refused command is asked again with growing delays; everything else rests with the events. */
export function consequenceOf(
  reply: Reply<unknown>,
  row: { attempts: number; everyMs: number | null },
  now: Date,
): Consequence {
  const inMs = (ms: number): Date => new Date(now.getTime() + ms);
  if (!reply.ok && definitionOf(reply.problem.code).kind === 'transient') {
    const delay = Math.min(seconds(30) * 2 ** Math.min(row.attempts, 10), minutes(15));
    return { again: inMs(delay), attempts: row.attempts + 1 };
  }
  if (row.everyMs !== null) return { again: inMs(row.everyMs), attempts: 0 };
  return 'over';
}

/** Sends the commands that are due, earliest first; over all replicas one sender at a time. */
export const askForDueWork = (means: Means): Worker => ({
  name: 'maintenance.ask-for-due-work',
  async run(signal) {
    while (!signal.aborted) {
      await means.locks
        .exclusively(
          'maintenance.due-work',
          (lost) => askUntilNothingIsDue(means, AbortSignal.any([signal, lost])),
          {
            wait: false,
          },
        )
        .catch((error: unknown) => {
          means.logger.warn({ err: error }, 'the due list could not be read; it is read again shortly');
        });
      await nextLook(means, signal);
    }
  },
});

async function askUntilNothingIsDue(means: Means, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const rows = await dueRows(means.database, means.clock.now());
    if (rows.length === 0) return;
    await noteSender(means.database, means.clock.now());
    await Promise.all(rows.map((row) => askFor(row, means)));
  }
}

const dueRows = (database: DataSource, now: Date): Promise<DueRow[]> =>
  database.query('SELECT * FROM due_work WHERE due_at <= $1 ORDER BY due_at LIMIT $2', [now, mostAtOnce]);

async function askFor(row: DueRow, { ask, database, clock }: Means): Promise<void> {
  const { tenant_id: tenantId, provider_id: providerId, subject, command, attempts, cause } = row;
  const origin = { id: cause.id, tenantId, correlationId: cause.correlationId, by: `timer:${command}` };
  const about = {
    ...(providerId !== '' && { providerId }),
    ...(subject !== '' && { calendarId: subject }),
  };
  const reply = await ask(contracts[command], about, origin);
  const everyMs = row.every_ms === null ? null : Number(row.every_ms);
  const consequence = consequenceOf(reply, { attempts, everyMs }, clock.now());
  const [dueAt, attemptsNow] = consequence === 'over' ? [null, 0] : [consequence.again, consequence.attempts];
  // An event that came meanwhile has set the row anew: it knows better.
  await database.query(
    `UPDATE due_work SET due_at = $4, attempts = $5
      WHERE tenant_id = $1 AND provider_id = $2 AND command = $3 AND revision = $6 AND due_at = $7
        AND subject = $8`,
    [tenantId, providerId, command, dueAt, attemptsNow, row.revision, row.due_at, subject],
  );
}

/** Waits for the next second, or until the clock jumps. */
function nextLook({ clock }: Means, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, lookEveryMs);
    const stopListening = clock.onMoved(wake);
    signal.addEventListener('abort', wake);
  });
}
