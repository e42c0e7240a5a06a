import { projectionScenario } from '#processors/projection-scenario';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import {
  DueDeadlines1764550000000,
  DueWork1764100000000,
  dueWork,
  DueWorkSubject1764200000000,
} from './due-work.projection.js';

describe('the due list', () => {
  const scenario = projectionScenario(dueWork, {
    schema: 'maintenance',
    entities: [],
    migrations: [
      ProcessorTables1760000000000,
      DueWork1764100000000,
      DueWorkSubject1764200000000,
      DueDeadlines1764550000000,
    ],
  });
  const stream = 'mailbox-t1+p1';
  const watched = { topic: 't', historyId: '1', labelIds: [], expiresAt: '2026-03-08T08:00:00.000Z' };
  const due = async (events: { type: string; data?: Record<string, unknown> }[]): Promise<string[]> => {
    const { due_work } = await scenario.rowsAfter(events.map((event) => ({ stream, ...event })));
    return due_work!.filter(({ due_at }) => due_at !== null).map(({ command }) => String(command));
  };

  it('knows what a watched mailbox needs', async () => {
    expect((await due([{ type: 'WatchStarted', data: watched }])).sort()).toEqual([
      'CheckFirstNotification',
      'RenewWatch',
      'SyncMailbox',
    ]);
  });

  it('forgets the first proof once it came', async () => {
    const after = await due([{ type: 'WatchStarted', data: watched }, { type: 'NotificationProven' }]);
    expect(after).not.toContain('CheckFirstNotification');
  });

  it('leaves a paused mailbox alone', async () => {
    expect(
      await due([
        { type: 'WatchStarted', data: watched },
        { type: 'Paused', data: { reason: 'manual' } },
      ]),
    ).toEqual([]);
  });

  const choose = (...ids: string[]) => ({
    stream: 'calendar-t1+p2',
    type: 'CalendarsChosen',
    data: { calendars: ids.map((calendarId) => ({ calendarId })) },
  });
  const opened = (calendarId: string) => ({
    stream: 'calendar-t1+p2',
    type: 'ChannelOpened',
    data: {
      calendarId,
      renewAt: '2026-03-04T08:00:00.000Z',
      expiresAt: '2026-03-08T08:00:00.000Z',
    },
  });
  const dueOf = async (events: Parameters<typeof due>[0]): Promise<string[]> => {
    const { due_work } = await scenario.rowsAfter(events.map((event) => ({ stream, ...event })));
    const rows = due_work!.filter(({ due_at }) => due_at !== null);
    return rows.map(({ command, subject }) => `${String(command)} ${String(subject)}`).sort();
  };

  it('keeps each calendar of a provider on a line of its own', async () => {
    expect(await dueOf([choose('a', 'b'), opened('a'), opened('b')])).toEqual([
      'RenewChannel a',
      'RenewChannel b',
      'SyncCalendar a',
      'SyncCalendar b',
    ]);
  });

  it('forgets what left the choice and nothing else', async () => {
    expect(await dueOf([choose('a', 'b'), opened('a'), opened('b'), choose('b')])).toEqual([
      'RenewChannel b',
      'SyncCalendar b',
    ]);
  });

  it('leaves a paused calendar provider alone, and the mailboxes beside it as they are', async () => {
    const paused = { stream: 'calendar-t1+p2', type: 'Paused', data: { reason: 'manual' } };
    const after = await dueOf([{ type: 'WatchStarted', data: watched }, choose('a'), opened('a'), paused]);
    expect(after).toEqual(['CheckFirstNotification ', 'RenewWatch ', 'SyncMailbox ']);
  });

  const deadlineOf = async (command: string, events: Parameters<typeof due>[0]): Promise<unknown> => {
    const { due_work } = await scenario.rowsAfter(events.map((event) => ({ stream, ...event })));
    return due_work!.find((row) => row['command'] === command)!['deadline'];
  };

  it('knows when what a renewal protects ends, also after an attempt that failed', async () => {
    const failed = {
      type: 'WatchRenewalFailed',
      data: { problem: { code: 'gmail.unavailable' }, attempt: 1, retryAt: '2026-03-02T08:00:00.000Z' },
    };
    const ends = new Date(watched.expiresAt);
    expect(await deadlineOf('RenewWatch', [{ type: 'WatchStarted', data: watched }, failed])).toEqual(ends);
    expect(await deadlineOf('SyncMailbox', [{ type: 'WatchStarted', data: watched }])).toBeNull();
    const proven = {
      stream: 'calendar-t1+p2',
      type: 'NotificationProven',
      data: { calendarId: 'a', renewAt: '2026-03-05T08:00:00.000Z' },
    };
    expect(await deadlineOf('RenewChannel', [choose('a'), opened('a'), proven])).toEqual(ends);
  });

  it('protects nothing any more where nothing is to be kept', async () => {
    const paused = { type: 'Paused', data: { reason: 'manual' } };
    expect(await deadlineOf('RenewWatch', [{ type: 'WatchStarted', data: watched }, paused])).toBeNull();
  });

  it('wakes nothing that was removed, even when an older event comes again', async () => {
    const events = [
      { type: 'WatchStarted', data: watched },
      { type: 'Disconnected', data: { reason: 'left', watchStopped: true } },
      { type: 'Removed', data: { reason: 'left' } },
    ];
    expect(await due(events)).toEqual([]);
  });
});
