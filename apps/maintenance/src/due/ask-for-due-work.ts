import { OpenChannel, RenewChannel, SyncCalendar } from '#contracts/calendar';
import type { RequestContract } from '#contracts/contract';
import {
  CheckFirstNotification,
  ProvisionTopic,
  RenewWatch,
  StartWatch,
  SyncMailbox,
} from '#contracts/gmail';
import { VerifyTopic } from '#contracts/gmail-provisioning';
import { CheckGrant, FindCause, ForgetFormerSecrets } from '#contracts/oauth-upkeep';
import type { Means, Worker } from '#hosting/service';
import type { Reply } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { minutes, seconds } from '#time/clock';
import type { CalendarDueCommand } from './due-calendar-changes.js';
import type { DueCommand } from './due-changes.js';
import type { GoogleAppDueCommand } from './due-google-app-changes.js';
import type { GrantDueCommand } from './due-grant-changes.js';
import { sendWhatIsDue } from './send-what-is-due.js';

const contracts: Record<
  DueCommand | CalendarDueCommand | GrantDueCommand | GoogleAppDueCommand,
  RequestContract
> = {
  ProvisionTopic: ProvisionTopic as RequestContract,
  VerifyTopic: VerifyTopic as RequestContract,
  StartWatch: StartWatch as RequestContract,
  RenewWatch: RenewWatch as RequestContract,
  CheckFirstNotification: CheckFirstNotification as RequestContract,
  SyncMailbox: SyncMailbox as RequestContract,
  OpenChannel: OpenChannel as RequestContract,
  RenewChannel: RenewChannel as RequestContract,
  SyncCalendar: SyncCalendar as RequestContract,
  CheckGrant: CheckGrant as RequestContract,
  FindCause: FindCause as RequestContract,
  ForgetFormerSecrets: ForgetFormerSecrets as RequestContract,
};

export const dueCommands = Object.keys(contracts);

export interface DueRow {
  tenant_id: string;
  provider_id: string;
  /** The id of a single calendar; empty for work of the whole provider. */
  subject: string;
  command: DueCommand | CalendarDueCommand | GrantDueCommand | GoogleAppDueCommand;
  due_at: Date;
  /** When what it protects is lost. */
  deadline: Date | null;
  every_ms: string | null;
  attempts: number;
  cause: { id: string; correlationId: string };
  revision: number;
  /** The tenant's Google project, if one is known. */
  project_id: string | null;
}

/** What follows from an answer: asked again later, asked again after its interval, or over until an event says otherwise. */
export type Consequence = { again: Date; attempts: number } | 'over';

/**
 * Pure: an unanswered or transiently refused command is asked again with growing delays, which are
 * shorter when a deadline is near; everything else rests with the events.
 * @param luck between 0 and 1: what failed together is not asked again together
 */
export function consequenceOf(
  reply: Reply<unknown>,
  row: { attempts: number; everyMs: number | null; deadline?: Date | null },
  now: Date,
  luck = 1,
): Consequence {
  const inMs = (ms: number): Date => new Date(now.getTime() + ms);
  if (!reply.ok && definitionOf(reply.problem.code).kind === 'transient') {
    const left = row.deadline ? row.deadline.getTime() - now.getTime() : 0;
    const most = left > 0 ? Math.min(minutes(15), Math.max(seconds(30), left / 4)) : minutes(15);
    const delay = Math.min(seconds(30) * 2 ** Math.min(row.attempts, 10), most);
    return { again: inMs(delay * (0.8 + 0.2 * luck)), attempts: row.attempts + 1 };
  }
  if (row.everyMs !== null) return { again: inMs(row.everyMs), attempts: 0 };
  return 'over';
}

/** Asks for what is due, every second; over all replicas one sender at a time, and at once when the clock is moved. */
export const askForDueWork = (means: Means): Worker => ({
  name: 'maintenance.ask-for-due-work',
  async run(signal) {
    const { jobs, database, clock, logger } = means;
    const send = (row: DueRow): Promise<void> => askFor(row, means);
    const sender = await jobs.repeat({
      name: 'maintenance.due-work',
      everyMs: seconds(1),
      atMostMs: minutes(15),
      work: (over) => sendWhatIsDue({ database, clock, send }, over),
    });
    const stopListening = clock.onMoved(() => {
      sender.soon().catch((error: unknown) => {
        logger.warn(
          { err: error },
          'the moved clock was not told to the job runner; it looks within seconds',
        );
      });
    });
    await aborted(signal);
    stopListening();
    await sender.end();
  },
});

async function askFor(row: DueRow, { ask, database, clock }: Means): Promise<void> {
  const { tenant_id: tenantId, provider_id: providerId, subject, command, attempts, cause, deadline } = row;
  const origin = { id: cause.id, tenantId, correlationId: cause.correlationId, by: `timer:${command}` };
  const about = {
    ...(providerId !== '' && { providerId }),
    ...(subject !== '' && { calendarId: subject }),
  };
  const reply = await ask(contracts[command], about, origin);
  const everyMs = row.every_ms === null ? null : Number(row.every_ms);
  const consequence = consequenceOf(reply, { attempts, everyMs, deadline }, clock.now(), Math.random());
  const [dueAt, attemptsNow] = consequence === 'over' ? [null, 0] : [consequence.again, consequence.attempts];
  // An event that came meanwhile has set the row anew: it knows better.
  await database.query(
    `UPDATE due_work SET due_at = $4, attempts = $5
      WHERE tenant_id = $1 AND provider_id = $2 AND command = $3 AND revision = $6 AND due_at = $7
        AND subject = $8`,
    [tenantId, providerId, command, dueAt, attemptsNow, row.revision, row.due_at, subject],
  );
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
