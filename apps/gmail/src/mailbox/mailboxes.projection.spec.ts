import { projectionScenario } from '#processors/projection-scenario';
import { inboundMigrations } from '../inbound/inbound.js';
import { MailboxTables1760000100000 } from './mailbox-tables.js';
import { mailboxesProjection } from './mailboxes.projection.js';

const stream = 'mailbox-t1+p1';
const grant = 'grant-t1+p1';
const added = {
  stream,
  type: 'MailboxAdded',
  data: {
    name: 'Support',
    address: 'Support@Acme.example',
    filter: { labels: [], include: ['spam'] },
    defaults: {},
  },
};
const filtered = { stream, type: 'FilterSet', data: { filter: { labels: ['Invoices'], include: [] } } };
const watch = (labelIds: string[], expiresAt = '2026-03-08T08:00:00.000Z') => ({
  topic: 'projects/acme/topics/t',
  historyId: '1',
  expiresAt,
  labelIds,
});
const started = (labelIds: string[] = []) => ({ stream, type: 'WatchStarted', data: watch(labelIds) });
const authorized = {
  stream: grant,
  type: 'Authorized',
  data: { product: 'gmail' },
  at: '2026-03-01T09:00:00.000Z',
};

describe('the row of a mailbox', () => {
  const { rowsAfter } = projectionScenario(mailboxesProjection, {
    schema: 'gmail',
    entities: [],
    migrations: [MailboxTables1760000100000, ...inboundMigrations],
  });
  const rowAfter = async (...events: Parameters<typeof rowsAfter>[0]) =>
    (await rowsAfter(events)).mailboxes?.[0];

  it('has the address in lower case and takes the whole mailbox unless labels are wanted', async () => {
    expect(await rowAfter(added)).toMatchObject({
      tenant_id: 't1',
      provider_id: 'p1',
      address: 'support@acme.example',
      status: 'unwatched',
      labels: [],
      include: ['spam'],
      label_ids: [],
      authorized_at: null,
      proven: false,
    });
  });

  it('takes nothing by a filter until a watch told the labels’ ids', async () => {
    expect(await rowAfter(added, started(), filtered)).toMatchObject({
      labels: ['Invoices'],
      label_ids: null,
    });
    expect(await rowAfter(added, filtered, started(['Label_1']))).toMatchObject({ label_ids: ['Label_1'] });
  });

  it('follows the watch, its renewal and its proof', async () => {
    const renewed = { stream, type: 'WatchRenewed', data: watch(['INBOX'], '2026-03-09T08:00:00.000Z') };
    expect(await rowAfter(added, started(), { stream, type: 'NotificationProven' }, renewed)).toMatchObject({
      status: 'watched',
      proven: true,
      label_ids: ['INBOX'],
      watch_expires_at: new Date('2026-03-09T08:00:00.000Z'),
    });
  });

  it('follows the permission', async () => {
    expect(await rowAfter(added, authorized)).toMatchObject({ authorized_at: new Date(authorized.at) });
    const lost = { stream: grant, type: 'AuthorizationLost', data: {} };
    expect(await rowAfter(added, authorized, lost)).toMatchObject({ authorized_at: null });
    const forgotten = { stream: grant, type: 'GrantForgotten', data: {} };
    expect(await rowAfter(added, authorized, forgotten)).toMatchObject({ authorized_at: null });
  });

  it('follows pauses, names and the end of the connection', async () => {
    const pausedAndRenamed = [
      { stream, type: 'Paused', data: { reason: 'manual' } },
      { stream, type: 'MailboxRenamed', data: { name: 'Help' } },
    ];
    expect(await rowAfter(added, ...pausedAndRenamed)).toMatchObject({ paused: 'manual', name: 'Help' });
    const ended = { stream, type: 'Disconnected', data: {}, at: '2026-03-02T08:00:00.000Z' };
    expect(
      await rowAfter(added, started(), ...pausedAndRenamed, { stream, type: 'Resumed' }, ended),
    ).toMatchObject({
      paused: null,
      status: 'disconnected',
      disconnected_at: new Date(ended.at),
      watch_expires_at: null,
    });
  });

  it('goes with the mailbox', async () => {
    expect(await rowAfter(added, { stream, type: 'Removed', data: {} })).toBeUndefined();
  });

  it('does not come of a calendar’s permission', async () => {
    expect(await rowAfter({ ...authorized, data: { product: 'calendar' } })).toBeUndefined();
  });
});
