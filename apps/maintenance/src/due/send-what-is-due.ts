import type { DataSource } from 'typeorm';
import { minutes, seconds, type Clock } from '#time/clock';
import type { DueRow } from './ask-for-due-work.js';
import { DueRows } from './due-rows.js';
import { noteSender } from './last-sender.js';
import { nextToSend, noTurns, takeTurn, type Limits, type Waiting } from './fair-choice.js';

const lookEveryMs = seconds(1);
/** After so long the sender stops, so that the runner sees that it is alive. */
const lastsMs = minutes(10);

/** A slow answer takes up to half a minute: there have to be places left when some tenants' answers are slow. */
export const limits: Limits = { altogether: 32, ofTenant: 4, ofProject: 8 };

/** One line in hand. */
interface Held extends Waiting {
  row: DueRow;
}

export interface Sending {
  database: DataSource;
  clock: Clock;
  /** Sends the command of one line and notes in the list what follows from the answer. */
  send: (row: DueRow) => Promise<void>;
}

/**
 * Sends what is due until nothing is and every answer is there. A place that becomes free is taken at once, so that slow answers
 * hold up nobody but their own tenant or project.
 */
export async function sendWhatIsDue({ database, clock, send }: Sending, signal: AbortSignal): Promise<void> {
  const list = new DueRows(database);
  const turns = noTurns();
  const inFlight = new Map<string, Held>();
  const answered = new Set<string>();
  let waiting = new Map<string, Held>();
  let lookedAt = -Infinity;
  let mayLook = true;
  let failure: { error: unknown } | undefined;
  let wake = (): void => {};
  const endsAt = performance.now() + lastsMs;
  const isFresh = (): boolean => performance.now() - lookedAt < lookEveryMs;
  const goesOn = (): boolean => !signal.aborted && !failure && performance.now() < endsAt;

  const fail = (error: unknown): false => {
    failure ??= { error };
    return false;
  };

  const begin = (key: string, held: Held): void => {
    waiting.delete(key);
    inFlight.set(key, held);
    takeTurn(turns, held);
    void send(held.row)
      .catch(fail)
      .finally(() => {
        inFlight.delete(key);
        answered.add(key);
        mayLook = true;
        wake();
      });
  };

  /** Takes another portion in hand. False once everything has been looked at and nothing has changed since. */
  const look = async (): Promise<boolean> => {
    if (!mayLook && isFresh()) return false;
    answered.clear();
    lookedAt = performance.now();
    const { rows, complete } = await list.next(clock.now());
    mayLook = !complete || answered.size > 0;
    const found = rows.map((row): [string, Held] => [keyOf(row), held(row)]);
    // What was answered while the list was read may still stand in it.
    waiting = new Map(found.filter(([key]) => !inFlight.has(key) && !answered.has(key)));
    if (waiting.size > 0) await noteSender(database, clock.now());
    return waiting.size > 0 || !complete;
  };

  const somethingHappens = (): Promise<void> =>
    new Promise((resolve) => {
      const happened = (): void => {
        clearTimeout(timer);
        stopListening();
        signal.removeEventListener('abort', happened);
        wake = (): void => {};
        resolve();
      };
      const timer = setTimeout(happened, lookEveryMs);
      const stopListening = clock.onMoved(() => {
        lookedAt = -Infinity;
        happened();
      });
      signal.addEventListener('abort', happened);
      wake = happened;
    });

  for (;;) {
    while (goesOn() && inFlight.size < limits.altogether) {
      const next = isFresh() && nextToSend(waiting.values(), inFlight.values(), turns, limits);
      if (next) begin(keyOf(next.row), next);
      else if (!(await look().catch(fail))) break;
    }
    if (inFlight.size === 0) break;
    await somethingHappens();
  }
  if (failure) throw failure.error;
}

const held = (row: DueRow): Held => ({
  row,
  tenantId: row.tenant_id,
  projectId: row.project_id,
  dueAt: row.due_at,
  deadline: row.deadline,
});

const keyOf = (row: DueRow): string => [row.tenant_id, row.provider_id, row.command, row.subject].join('\n');
