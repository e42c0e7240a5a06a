import type { DataSource } from 'typeorm';
import type { Means } from '#hosting/service';
import { refused, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { GmailAccess } from '../gmail-api/gmail-calls.js';
import { mailboxStateOf } from './change-mailbox.js';
import { isPresent, type Settings } from './mailbox-state.js';

/**
 * Adds a mailbox while nobody else can add one of the same address: Google keeps one watch per mailbox and project, so two would
 * fight each other. A reservation whose mailbox was never recorded, or is gone, is taken over.
 */
export async function withAddressReserved<Answer>(
  means: Means,
  mailbox: GmailAccess,
  address: string,
  add: () => Promise<Reply<Answer>>,
): Promise<Reply<Answer>> {
  const { tenantId } = mailbox;
  const key = address.toLowerCase();
  const alone = await means.locks.exclusively(
    `address:${tenantId}:${key}`,
    async () => {
      const holder = await addressHolder(means, mailbox, key);
      if (holder) return refused<Answer>(problem('mailbox.address-taken', { address, name: holder.name }));
      await means.database.query(
        `INSERT INTO mailbox_addresses (tenant_id, address, provider_id) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, address) DO UPDATE SET provider_id = excluded.provider_id`,
        [tenantId, key, mailbox.providerId],
      );
      return add();
    },
    { wait: seconds(10) },
  );
  return alone.acquired ? alone.value : refused(problem('stream.busy'));
}

/** Another mailbox of the tenant that has the address, in lower case. */
export async function addressHolder(
  means: Pick<Means, 'database' | 'store'>,
  mailbox: GmailAccess,
  key: string,
): Promise<Settings | null> {
  const other = await holderOf(means.database, mailbox, key);
  const state = other && (await mailboxStateOf(means, { tenantId: mailbox.tenantId, providerId: other }));
  return state && isPresent(state) && state.settings.address.toLowerCase() === key ? state.settings : null;
}

async function holderOf(
  database: DataSource,
  { tenantId, providerId }: GmailAccess,
  address: string,
): Promise<string | null> {
  const rows: { provider_id: string }[] = await database.query(
    'SELECT provider_id FROM mailbox_addresses WHERE tenant_id = $1 AND address = $2 AND provider_id <> $3',
    [tenantId, address, providerId],
  );
  return rows[0]?.provider_id ?? null;
}

export async function releaseAddress(
  database: DataSource,
  { tenantId, providerId }: GmailAccess,
): Promise<void> {
  await database.query('DELETE FROM mailbox_addresses WHERE tenant_id = $1 AND provider_id = $2', [
    tenantId,
    providerId,
  ]);
}
