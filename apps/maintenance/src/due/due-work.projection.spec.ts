import { projectionScenario } from '#processors/projection-scenario';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import {
  DueDeadlines1764550000000,
  DueWork1764100000000,
  dueWork,
  DueWorkSubject1764200000000,
} from './due-work.projection.js';
import { HeldWork1764300000000 } from './held-work.js';

describe('the due list', () => {
  const scenario = projectionScenario(dueWork, {
    schema: 'maintenance',
    entities: [],
    migrations: [
      ProcessorTables1760000000000,
      DueWork1764100000000,
      DueWorkSubject1764200000000,
      HeldWork1764300000000,
      DueDeadlines1764550000000,
    ],
  });
  const stream = 'mailbox-t1+p1';
  const watched = { topic: 't', historyId: '1', labelIds: [], expiresAt: '2026-03-08T08:00:00.000Z' };
  const due = async (
    events: { stream?: string; type: string; data?: Record<string, unknown> }[],
  ): Promise<string[]> => {
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

  it('leaves a mailbox that was reset alone, and its watch is due again with the next one', async () => {
    const reset = { type: 'Reset', data: { reason: 'spring', watch: 'stopped', parkedForgotten: 0 } };
    const started = { type: 'WatchStarted', data: watched };
    expect(await due([started, reset])).toEqual([]);
    expect(await due([started, reset, started])).toContain('RenewWatch');
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

  it('leaves a calendar provider that was reset alone', async () => {
    const data = { reason: 'spring', channelsStopped: 1, channelsLeft: 0 };
    const reset = { stream: 'calendar-t1+p2', type: 'Reset', data };
    expect(await dueOf([choose('a'), opened('a'), reset])).toEqual([]);
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

  const grantStream = 'grant-t1+p1';
  const ofGrant = (type: string, at?: string) => ({
    stream: grantStream,
    type,
    data: { product: 'gmail' },
    ...(at && { at }),
  });
  const authorized = ofGrant('Authorized');
  const started = { type: 'WatchStarted', data: watched };

  it('has a permission proven as long as it is there', async () => {
    expect(await due([authorized])).toEqual(['CheckGrant']);
    expect(await due([authorized, ofGrant('GrantForgotten')])).toEqual([]);
  });

  it('asks for nothing of a provider whose permission ended, but for another look at why', async () => {
    expect(await due([authorized, started, ofGrant('AuthorizationLost')])).toEqual(['FindCause']);
  });

  it('does not let what crosses with the end of the permission wake it', async () => {
    const failed = {
      type: 'WatchRenewalFailed',
      data: { problem: { code: 'gmail.unavailable' }, attempt: 1, retryAt: '2026-03-02T08:00:30.000Z' },
    };
    expect(await due([authorized, started, ofGrant('AuthorizationLost'), failed])).toEqual(['FindCause']);
  });

  it('goes on with all of it under the next permission, no sooner than what begins anew by itself', async () => {
    const again = ofGrant('Authorized', '2026-03-09T08:00:00.000Z');
    const events = [authorized, started, { type: 'NotificationProven' }, ofGrant('AuthorizationLost'), again];
    const { due_work } = await scenario.rowsAfter(events.map((event) => ({ stream, ...event })));
    const dueAt = Object.fromEntries(due_work!.map(({ command, due_at }) => [command, due_at]));
    expect(dueAt).toMatchObject({
      RenewWatch: new Date('2026-03-09T08:05:00.000Z'),
      SyncMailbox: new Date('2026-03-09T08:05:00.000Z'),
      CheckFirstNotification: null,
      FindCause: null,
    });
    expect(due_work!.find(({ command }) => command === 'SyncMailbox')).toMatchObject({ every_ms: '600000' });
    expect(due_work!.every(({ held_due_at }) => held_due_at === null)).toBe(true);
  });

  it('leaves the schedule that a new watch brings as it is', async () => {
    const again = ofGrant('Authorized', '2026-03-09T08:00:00.000Z');
    const anew = {
      type: 'WatchStarted',
      data: { ...watched, expiresAt: '2026-03-16T08:01:00.000Z' },
      at: '2026-03-09T08:01:00.000Z',
    };
    const events = [authorized, started, ofGrant('AuthorizationLost'), again, anew];
    const { due_work } = await scenario.rowsAfter(events.map((event) => ({ stream, ...event })));
    const renewal = due_work!.find(({ command }) => command === 'RenewWatch')!['due_at'] as Date;
    expect(renewal.getTime()).toBeGreaterThan(Date.parse('2026-03-10T05:00:00.000Z'));
  });

  it('wakes nothing that was disconnected before the permission came back', async () => {
    const disconnected = { type: 'Disconnected', data: { reason: 'left', watchStopped: true } };
    const events = [authorized, started, ofGrant('AuthorizationLost'), disconnected, authorized];
    expect(await due(events)).toEqual(['CheckGrant']);
  });

  it('goes on proving the permission of a mailbox that is paused', async () => {
    expect(await due([authorized, started, { type: 'Paused', data: { reason: 'manual' } }])).toEqual([
      'CheckGrant',
    ]);
  });

  it('holds a calendar provider’s work alone, and not its neighbour’s', async () => {
    const lostCalendars = { stream: 'grant-t1+p2', type: 'AuthorizationLost', data: { product: 'calendar' } };
    const after = await dueOf([started, choose('a'), opened('a'), lostCalendars]);
    expect(after).toEqual(['CheckFirstNotification ', 'FindCause ', 'RenewWatch ', 'SyncMailbox ']);
  });

  it('has a replaced client secret deleted when its time is over, and forgets about it with the app', async () => {
    const until = '2026-03-02T08:00:00.000Z';
    const data = { changed: ['gmailClientSecret'], formerSecrets: { of: ['gmail'], until } };
    const replaced = { stream: 'googleApp-t1', type: 'ConfigStored', data };
    const { due_work } = await scenario.rowsAfter([replaced]);
    expect(due_work).toMatchObject([
      { provider_id: '', command: 'ForgetFormerSecrets', due_at: new Date(until) },
    ]);
    expect(await due([replaced, { stream: 'googleApp-t1', type: 'ConfigCleared' }])).toEqual([]);
  });
});
