import type { EntityManager } from 'typeorm';
import { isNotificationMissing } from '#contracts/gap-reasons';
import type { MailboxEvent, MailboxFilter } from '#contracts/gmail';
import type { GrantEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projectByType, projection } from '#processors/processor';

type DataOf<Type extends MailboxEvent['type']> = (MailboxEvent & { type: Type })['data'];
type Columns = Record<string, unknown>;
type Project = (event: RecordedEvent, manager: EntityManager) => Promise<void>;

/** A mailbox's row after an event of its own; what came before is left alone. */
const setting =
  <Type extends MailboxEvent['type']>(
    _type: Type,
    columns: (data: DataOf<Type>, at: string) => Columns,
  ): Project =>
  (event, manager) =>
    update(manager, event, 'mailbox_revision', columns(event.data as DataOf<Type>, event.metadata.at));

const passing: Project = (event, manager) => update(manager, event, 'mailbox_revision', {});

const granting =
  (columns: (at: string) => Columns): Project =>
  (event, manager) =>
    update(manager, event, 'grant_revision', columns(event.metadata.at));

/** Only a watch tells the ids of labels; until it does, nothing may be taken. */
const filterColumns = ({ labels, include }: MailboxFilter): Columns => ({
  labels,
  include,
  label_ids: labels.length > 0 ? null : [],
});

const renewed = ({ expiresAt, labelIds }: DataOf<'WatchRenewed'>): Columns => ({
  watch_expires_at: expiresAt,
  label_ids: labelIds,
});

const projectOne: Record<MailboxEvent['type'] | GrantEvent['type'], Project | 'pass'> = {
  MailboxAdded: add,
  MailboxRenamed: setting('MailboxRenamed', ({ name }) => ({ name })),
  FilterSet: setting('FilterSet', ({ filter }) => filterColumns(filter)),
  DefaultsSet: passing,
  WatchStarted: setting('WatchStarted', (data) => ({
    ...renewed(data),
    status: 'watched',
    proven: false,
    disconnected_at: null,
  })),
  WatchRenewed: setting('WatchRenewed', renewed),
  WatchFailed: passing,
  WatchRenewalFailed: passing,
  NotificationProven: setting('NotificationProven', () => ({ proven: true })),
  NotificationMissed: passing,
  SyncFailed: passing,
  SyncRecovered: passing,
  GapDetected: setting('GapDetected', (data) => (isNotificationMissing(data) ? { proven: false } : {})),
  GapRecovered: passing,
  Paused: setting('Paused', ({ reason }) => ({ paused: reason })),
  Resumed: setting('Resumed', () => ({ paused: null })),
  Disconnected: setting('Disconnected', (_data, at) => ({
    status: 'disconnected',
    disconnected_at: at,
    watch_expires_at: null,
    proven: false,
  })),
  Reset: setting('Reset', (_data, at) => ({
    status: 'disconnected',
    disconnected_at: at,
    paused: null,
    watch_expires_at: null,
    proven: false,
  })),
  Removed: remove,
  Authorized: granting((at) => ({ authorized_at: at })),
  AuthorizationLost: granting(() => ({ authorized_at: null })),
  GrantForgotten: granting(() => ({ authorized_at: null })),
  AuthorizationStarted: 'pass',
  AuthorizationFailed: 'pass',
  CauseFound: 'pass',
  AccessTokenRefused: 'pass',
  AccessTokenRefreshed: 'pass',
};

/** The tenant's mailboxes as notifications and the topic find them. */
export const mailboxesProjection = projection({
  id: 'gmail.mailboxes',
  categories: ['mailbox', 'grant'],
  tables: ['mailboxes'],
  project: projectByType(projectOne),
});

async function add({ stream, data, revision }: RecordedEvent, manager: EntityManager): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  const { name, address, filter } = data as DataOf<'MailboxAdded'>;
  const { labels, include, label_ids } = filterColumns(filter);
  await manager.query(
    `INSERT INTO mailboxes (tenant_id, provider_id, name, address, status, labels, include, label_ids, mailbox_revision)
     VALUES ($1, $2, $3, $4, 'unwatched', $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [tenantId, id, name, address.toLowerCase(), labels, include, label_ids, revision],
  );
}

async function update(
  manager: EntityManager,
  { stream, revision }: RecordedEvent,
  revisionColumn: 'mailbox_revision' | 'grant_revision',
  columns: Columns,
): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  const names = Object.keys(columns);
  const sets = [...names, revisionColumn].map((name, index) => `${name} = $${index + 3}`);
  await manager.query(
    `UPDATE mailboxes SET ${sets.join(', ')}
      WHERE tenant_id = $1 AND provider_id = $2 AND ${revisionColumn} < $${names.length + 3}`,
    [tenantId, id, ...Object.values(columns), revision],
  );
}

async function remove({ stream, revision }: RecordedEvent, manager: EntityManager): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  await manager.query(
    'DELETE FROM mailboxes WHERE tenant_id = $1 AND provider_id = $2 AND mailbox_revision < $3',
    [tenantId, id, revision],
  );
}
