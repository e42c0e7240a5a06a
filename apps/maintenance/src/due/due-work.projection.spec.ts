import { projectionScenario } from '#processors/projection-scenario';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { DueWork1764100000000, dueWork } from './due-work.projection.js';

describe('the due list', () => {
  const scenario = projectionScenario(dueWork, {
    schema: 'maintenance',
    entities: [],
    migrations: [ProcessorTables1760000000000, DueWork1764100000000],
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

  it('wakes nothing that was removed, even when an older event comes again', async () => {
    const events = [
      { type: 'WatchStarted', data: watched },
      { type: 'Disconnected', data: { reason: 'left', watchStopped: true } },
      { type: 'Removed', data: { reason: 'left' } },
    ];
    expect(await due(events)).toEqual([]);
  });
});
