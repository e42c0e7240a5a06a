import { beginning } from '#messaging/envelope';
import { DueList } from './fixtures/due-list.js';
import { listDueWork } from './list-due-work.js';

const first = new Date('2026-03-01T08:00:00.000Z');
const second = new Date('2026-03-02T08:00:00.000Z');
const ends = new Date('2026-03-08T08:00:00.000Z');

it('lists what a tenant, or one of its providers, has to expect, with what it protects', async () => {
  const list = await DueList.open();
  try {
    await list.add({ tenant: 't1', provider: 'p1', command: 'RenewWatch', dueAt: second, deadline: ends });
    await list.add({ tenant: 't1', provider: 'p2', dueAt: first });
    await list.add({ tenant: 't2', provider: 'p1', dueAt: first });
    const listed = (data: { providerId?: string }) =>
      listDueWork(list.database).handle(data, beginning('t1', 'spec'));
    const comparison = {
      tenantId: 't1',
      providerId: 'p2',
      calendarId: null,
      command: 'SyncMailbox',
      dueAt: first.toISOString(),
      deadline: null,
      attempts: 0,
    };
    const renewal = {
      ...comparison,
      providerId: 'p1',
      command: 'RenewWatch',
      dueAt: second.toISOString(),
      deadline: ends.toISOString(),
    };
    expect(await listed({})).toEqual({ ok: true, value: { due: [comparison, renewal] } });
    expect(await listed({ providerId: 'p1' })).toEqual({ ok: true, value: { due: [renewal] } });
  } finally {
    await list.close();
  }
});
