import type { DataSource } from 'typeorm';
import type { Composition } from '#hosting/service';
import { minutes, type Clock } from '#time/clock';
import { dueCommands } from './ask-for-due-work.js';
import { lastSenderOf } from './last-sender.js';

export interface DueWatchMeans {
  database: DataSource;
  clock: Clock;
}

/** So long may work be overdue before somebody has to look: what fails is put off, and so is not overdue. */
const patience = minutes(5);

/** What operators are told of the due list. */
export function dueWatch(means: DueWatchMeans): Required<Pick<Composition, 'checks' | 'gauges' | 'notes'>> {
  return {
    checks: [
      {
        find: async () => {
          const late = (await overdue(means)).filter(({ oldestMs }) => oldestMs > patience);
          if (late.length === 0) return null;
          const what = late
            .map(({ command, oldestMs }) => `${command} for ${inMinutes(oldestMs)}`)
            .join(', ');
          return `Work is due and nobody asks for it: ${what}. See whether the services that do it answer.`;
        },
      },
    ],
    gauges: [
      {
        name: 'due',
        help: 'Pieces of work whose time has come',
        labels: ['command'],
        read: async () =>
          (await overdue(means)).map(({ command, count }) => ({ labels: { command }, value: count })),
      },
      {
        name: 'due_oldest_seconds',
        help: 'How long the work that is overdue the longest has been waiting; 0 when none is',
        labels: ['command'],
        read: async () =>
          (await overdue(means)).map(({ command, oldestMs }) => ({
            labels: { command },
            value: oldestMs / 1_000,
          })),
      },
    ],
    notes: async () => {
      const sender = await lastSenderOf(means.database);
      return sender
        ? [`${sender.replica} was the last to ask for due work, at ${sender.at.toISOString()}.`]
        : ['Nobody has asked for due work yet.'];
    },
  };
}

interface Overdue {
  command: string;
  count: number;
  oldestMs: number;
}

/** Of every command, so that a number that is 0 is told, too. */
async function overdue({ database, clock }: DueWatchMeans): Promise<Overdue[]> {
  const now = clock.now();
  // By the index of what is due: what is not costs nothing.
  const late: { command: string; count: number; oldest: Date }[] = await database.query(
    `SELECT command, count(*)::int AS count, min(due_at) AS oldest FROM due_work WHERE due_at <= $1 GROUP BY command`,
    [now],
  );
  const byCommand = new Map(late.map((one) => [one.command, one]));
  return dueCommands.map((command) => {
    const { count = 0, oldest = now } = byCommand.get(command) ?? {};
    return { command, count, oldestMs: now.getTime() - oldest.getTime() };
  });
}

const inMinutes = (milliseconds: number): string => `${Math.round(milliseconds / minutes(1))} minutes`;
