import pg from 'pg';
import { CutoverError } from './cutover-error.js';
import {
  faultsOf,
  legacyProvider,
  type Legacy,
  type LegacyProvider,
  type Unusable,
} from './legacy-provider.js';

interface HostMailbox {
  tenant: string;
  id: string;
  name: string | null;
  mailbox: string | null;
  active: boolean | null;
  pause_reason: string | null;
  defaults_id: string | null;
  auto_process: boolean | null;
  labels: unknown;
}

interface HostCalendar {
  tenant: string;
  id: string;
  user_id: string | null;
  name: string | null;
  active: boolean | null;
  sync_direction: string | null;
  calendar_id: string | null;
}

/** What is read, and nothing else: no column of a token or a secret is ever selected. */
const columns: Record<string, string[]> = {
  email_providers: [
    'id',
    'tenant',
    'provider_type',
    'provider_name',
    'mailbox',
    'is_active',
    'inbound_ticket_defaults_id',
  ],
  google_email_provider_config: ['email_provider_id', 'tenant', 'label_filters', 'auto_process_emails'],
  calendar_providers: [
    'id',
    'tenant',
    'user_id',
    'provider_type',
    'provider_name',
    'calendar_id',
    'is_active',
    'sync_direction',
  ],
  google_calendar_provider_config: ['calendar_provider_id', 'tenant', 'calendar_id'],
};

/** By the id of a calendar provider or of its user: the address of the Google account. */
export type Accounts = Record<string, string>;

/**
 * The Google providers in the host's own tables, read in one read-only transaction and so as of one moment. What cannot be taken over as it
 * stands is named with its reason. @throws CutoverError
 */
export async function readHost(url: string, accounts: Accounts, tenant?: string): Promise<Legacy> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'tenant-google cutover',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const mayPause = await checkTables(client);
    const mailboxes = await client.query<HostMailbox>(mailboxesSql(mayPause), [tenant ?? null]);
    const calendars = await client.query<HostCalendar>(calendarsSql, [tenant ?? null]);
    await client.query('ROLLBACK');
    return judged([
      ...mailboxes.rows.map(mailboxOf),
      ...calendars.rows.map((row) => calendarOf(row, accounts)),
    ]);
  } catch (error) {
    if (error instanceof CutoverError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CutoverError('trouble', `The host's database cannot be read: ${why}. Nothing was written.`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Answers whether the host knows reasons of pauses; older ones do not. */
async function checkTables(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
      WHERE table_schema = ANY (current_schemas(false)) AND table_name = ANY ($1)`,
    [Object.keys(columns)],
  );
  const present = new Set(rows.map(({ name }) => name));
  const missing = Object.entries(columns)
    .flatMap(([table, names]) => names.map((name) => `${table}.${name}`))
    .filter((name) => !present.has(name));
  if (missing.length > 0)
    throw new CutoverError(
      'list',
      `This is not the host's database: it has no ${missing.join(', ')}. Check the URL, its database and its search_path.`,
    );
  return present.has('email_providers.inbound_pause_reason');
}

const mailboxesSql = (mayPause: boolean): string => `
  SELECT p.tenant::text, p.id::text, p.provider_name AS name, p.mailbox, p.is_active AS active,
         ${mayPause ? 'p.inbound_pause_reason' : 'NULL'} AS pause_reason,
         p.inbound_ticket_defaults_id::text AS defaults_id,
         c.auto_process_emails AS auto_process, c.label_filters AS labels
    FROM email_providers p
    LEFT JOIN google_email_provider_config c ON c.tenant = p.tenant AND c.email_provider_id = p.id
   WHERE p.provider_type = 'google' AND ($1::text IS NULL OR p.tenant::text = $1)
   ORDER BY p.tenant, p.id`;

const calendarsSql = `
  SELECT p.tenant::text, p.id::text, p.user_id::text, p.provider_name AS name, p.is_active AS active,
         p.sync_direction::text, coalesce(c.calendar_id, p.calendar_id) AS calendar_id
    FROM calendar_providers p
    LEFT JOIN google_calendar_provider_config c ON c.tenant = p.tenant AND c.calendar_provider_id = p.id
   WHERE p.provider_type = 'google' AND ($1::text IS NULL OR p.tenant::text = $1)
   ORDER BY p.tenant, p.id`;

type Read = Pick<Unusable, 'kind' | 'tenantId' | 'id'> &
  ({ provider: unknown } | { reason: string; remedy: string });

function mailboxOf(row: HostMailbox): Read {
  const { tenant: tenantId, id } = row;
  const labels = listOf(row.labels);
  if (labels === null)
    return {
      kind: 'gmail',
      tenantId,
      id,
      reason: 'its label filters are not a list of names, and the whole mailbox is never taken instead',
      remedy: 'Correct label_filters in google_email_provider_config, or add the mailbox here by hand.',
    };
  const provider = {
    kind: 'gmail',
    tenantId,
    id,
    name: row.name?.trim() || row.mailbox,
    mailbox: row.mailbox?.trim(),
    labels,
    inboundTicketDefaultsId: row.defaults_id,
    autoProcessEmails: row.auto_process ?? true,
    active: row.active ?? true,
    pauseReason: row.pause_reason,
  };
  return { kind: 'gmail', tenantId, id, provider };
}

/** Some hosts keep the list as a text within the JSON. Null: it is no list of names. */
function listOf(value: unknown): string[] | null {
  if (value === null || value === undefined || value === '') return [];
  try {
    const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return Array.isArray(list) && list.every((label) => typeof label === 'string') ? list : null;
  } catch {
    return null;
  }
}

function calendarOf(row: HostCalendar, accounts: Accounts): Read {
  const { tenant: tenantId, id, calendar_id: calendarId } = row;
  const account = accounts[id] ?? accounts[row.user_id ?? ''] ?? accountIn(calendarId);
  if (account === null)
    return {
      kind: 'calendar',
      tenantId,
      id,
      reason: `whose Google account it is cannot be told: the host keeps ${calendarId === 'primary' ? '"primary"' : 'a calendar’s id'} and no address`,
      remedy: `Give the address in the file of --accounts, under the provider's id or under its user ${row.user_id}.`,
    };
  const provider = {
    kind: 'calendar',
    tenantId,
    id,
    name: row.name?.trim() || account,
    userId: row.user_id ?? '',
    account,
    calendarId,
    syncDirection: row.sync_direction ?? 'bidirectional',
    active: row.active ?? true,
  };
  return { kind: 'calendar', tenantId, id, provider };
}

/** A primary calendar's id is its account's address; those of others are made by Google. */
const accountIn = (calendarId: string | null): string | null =>
  calendarId !== null && /^[^@\s]+@[^@\s]+$/.test(calendarId) && !calendarId.endsWith('calendar.google.com')
    ? calendarId
    : null;

function judged(read: Read[]): Legacy {
  const providers: LegacyProvider[] = [];
  const unusable: Unusable[] = [];
  for (const { kind, tenantId, id, ...one } of read) {
    if (!('provider' in one)) {
      unusable.push({ kind, tenantId, id, ...one });
      continue;
    }
    const parsed = legacyProvider.safeParse(one.provider);
    if (parsed.success) providers.push(parsed.data);
    else
      unusable.push({
        kind,
        tenantId,
        id,
        reason: faultsOf(parsed.error)
          .map(({ field, fault }) => `${field} ${fault}`)
          .join('; '),
        remedy: 'Correct it in the host and run the cutover again, or add the provider here by hand.',
      });
  }
  return { providers, unusable, source: 'the host’s database' };
}
