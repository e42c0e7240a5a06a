import { calendarDueChanges } from './due-calendar-changes.js';

type Scheduled = Parameters<typeof calendarDueChanges>[0];
const at = '2026-03-01T08:00:00.000Z';
const of = (type: string, data: object = {}): Scheduled =>
  ({ type, data, metadata: { at } }) as unknown as Scheduled;
const minutesAfter = (date: Date): number => (date.getTime() - Date.parse(at)) / 60_000;
const failure = { calendarId: 'c1', channelId: 'x', problem: { code: 'calendar.unavailable' } };

describe('what a calendar’s events make due', () => {
  it('has every chosen calendar compared every 10 to 15 minutes, not all at the same pace, and the others no more', () => {
    const calendars = ['a@x', 'b@x', 'c@x', 'd@x'].map((calendarId) => ({ calendarId }));
    const [others, ...comparisons] = calendarDueChanges(of('CalendarsChosen', { calendars }));
    expect(others).toEqual({
      command: 'all',
      exceptCalendars: calendars.map(({ calendarId }) => calendarId),
      dueAt: null,
    });
    expect(comparisons).toHaveLength(4);
    for (const change of comparisons) {
      expect(change).toMatchObject({ command: 'SyncCalendar', everyMs: expect.any(Number) as number });
      expect(minutesAfter(change.dueAt!)).toBeGreaterThanOrEqual(10);
      expect(minutesAfter(change.dueAt!)).toBeLessThanOrEqual(15);
    }
    expect(new Set(comparisons.map(({ dueAt }) => dueAt!.getTime())).size).toBe(4);
  });

  it('has an open channel renewed when it says, and opened no more', () => {
    const renewAt = '2026-03-04T08:00:00.000Z';
    const expiresAt = '2026-03-08T08:00:00.000Z';
    const changes = calendarDueChanges(of('ChannelOpened', { calendarId: 'c1', renewAt, expiresAt }));
    expect(changes).toContainEqual({
      command: 'RenewChannel',
      calendarId: 'c1',
      dueAt: new Date(renewAt),
      deadline: new Date(expiresAt),
    });
    expect(changes).toContainEqual({ command: 'OpenChannel', calendarId: 'c1', dueAt: null });
    expect(changes).toContainEqual(expect.objectContaining({ command: 'SyncCalendar' }));
  });

  it('puts the renewal off once a notification proved the channel', () => {
    const renewAt = '2026-03-04T08:00:00.000Z';
    expect(calendarDueChanges(of('NotificationProven', { calendarId: 'c1', renewAt }))).toEqual([
      { command: 'RenewChannel', calendarId: 'c1', dueAt: new Date(renewAt) },
    ]);
    expect(calendarDueChanges(of('NotificationProven', { calendarId: 'c1', renewAt: null }))).toEqual([]);
  });

  it.each(['ChannelFailed', 'ChannelStopFailed'])('puts the channel in order again after %s', (type) => {
    const retryAt = '2026-03-01T08:00:30.000Z';
    expect(calendarDueChanges(of(type, { ...failure, attempt: 1, retryAt }))).toContainEqual({
      command: 'OpenChannel',
      calendarId: 'c1',
      dueAt: new Date(retryAt),
    });
  });

  it('does not let repeated attempts put the comparison off', () => {
    const retryAt = '2026-03-01T08:15:00.000Z';
    const changes = calendarDueChanges(of('ChannelFailed', { ...failure, attempt: 2, retryAt }));
    expect(changes.map(({ command }) => command)).toEqual(['OpenChannel']);
  });

  it('compares a calendar that cannot be watched, and asks again only where that may help', () => {
    const polling = (retryAt: string | null) =>
      calendarDueChanges(of('PollingChosen', { ...failure, retryAt }));
    expect(polling(null)).toContainEqual(expect.objectContaining({ command: 'SyncCalendar' }));
    expect(polling(null)).toContainEqual({ command: 'OpenChannel', calendarId: 'c1', dueAt: null });
    expect(polling('2026-03-02T08:00:00.000Z')).toContainEqual({
      command: 'OpenChannel',
      calendarId: 'c1',
      dueAt: new Date('2026-03-02T08:00:00.000Z'),
    });
  });

  it.each(['Paused', 'Disconnected', 'Removed'])('leaves all calendars alone after %s', (type) => {
    expect(calendarDueChanges(of(type, { reason: 'manual' }))).toEqual([
      { command: 'all', exceptCalendars: [], dueAt: null },
    ]);
  });
});
