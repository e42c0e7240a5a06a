import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TenantAtWork } from '../../../apps/embedded/src/fixtures/tenant-at-work.js';
import { canary, HostDatabase, ids } from './fixtures/host-database.js';
import type { Report } from './report.js';
import { runCutover } from './run-cutover.js';

let services: TenantAtWork;
let host: HostDatabase;
let folder: string;
let everythingSaid = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-google-cutover-'));
  services = await TenantAtWork.open(['support@acme.example']);
  host = await HostDatabase.open();
}, 120_000);
afterAll(async () => {
  await services?.close();
  await host?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function cutover(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; said: string; complained: string }> {
  const [said, complained]: [string[], string[]] = [[], []];
  const code = await runCutover(args, {
    whereabouts: () =>
      Promise.resolve({ natsUrl: services.embedded.natsUrl, baseUrl: 'https://psa.example.com' }),
    env,
    say: (line) => void said.push(line),
    complain: (line) => void complained.push(line),
  });
  everythingSaid += [...said, ...complained].join('\n');
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

const fromHost = async (...args: string[]): Promise<{ code: number; report: Report }> => {
  const { code, said, complained } = await cutover(['--from-host', host.url, '--json', ...args]);
  if (!said) throw new Error(complained);
  return { code, report: JSON.parse(said) as Report };
};
const acmeIn = (report: Report) => report.tenants.find(({ tenantId }) => tenantId === ids.acme)!;
const events = async () => {
  const { rows } = await services.database.query<{ type: string; data: unknown }>(
    `SELECT stream, type, data FROM events.events WHERE stream LIKE '%${ids.acme}%' ORDER BY stream, revision`,
  );
  return rows;
};
const list = async (content: unknown): Promise<string> => {
  const file = join(folder, 'legacy.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return file;
};
const mailbox = {
  kind: 'gmail',
  tenantId: 't7',
  id: 'm1',
  name: 'Support',
  mailbox: 'support@seven.example',
};
const tinas = {
  kind: 'calendar',
  tenantId: 't7',
  id: 'c1',
  name: 'Tina',
  userId: 'u1',
  account: 'tina@seven.example',
};

// Over the host's database these are the chapters of one story.
describe('the cutover from the host’s database', () => {
  it('explains itself', async () => {
    const { code, said } = await cutover(['--help']);
    expect(code).toBe(0);
    for (const word of ['--from-json', '--from-host', '--accounts', '--dry-run', '"tenantId"', 'Exit code'])
      expect(said).toContain(word);
  });

  it('only says what it would do on a dry run', async () => {
    const { code, report } = await fromHost('--dry-run');
    expect(code).toBe(3);
    expect(acmeIn(report).created.map(({ address }) => address)).toEqual([
      'support@acme.example',
      'old@acme.example',
      'off@acme.example',
      'tina@acme.example',
    ]);
    expect(await events()).toEqual([]);
  });

  it('takes every Google provider over as disconnected, and says why the others are not', async () => {
    const before = await host.content();
    const { code, report } = await fromHost();
    expect(code).toBe(3);
    const acme = acmeIn(report);
    expect(acme.created).toMatchObject([
      { id: ids.support, name: 'Helpdesk', address: 'support@acme.example' },
      { id: ids.suspended, notes: [expect.stringContaining('suspended')] },
      { id: ids.inactive, notes: [expect.stringContaining('switched off')] },
      { id: ids.tina, kind: 'calendar', notes: [expect.stringContaining('tina@acme.example')] },
    ]);
    expect(acme.skipped.map(({ id }) => id).toSorted()).toEqual(
      [ids.broken, ids.twice, ids.odd, ids.timo].toSorted(),
    );
    expect(acme.skipped.every(({ reason, remedy }) => reason !== '' && remedy !== '')).toBe(true);
    expect(acme.next).toMatchObject([
      expect.stringContaining('https://psa.example.com/msp/settings?tab=integrations&category=providers'),
      expect.stringContaining('support@acme.example, old@acme.example, off@acme.example'),
      expect.stringContaining('tina@acme.example'),
    ]);
    expect(report.tenants.find(({ tenantId }) => tenantId === ids.other)!.created).toHaveLength(1);
    expect(await host.content()).toBe(before);

    await services.embedded.caughtUp();
    const token = await services.embedded.token({ tenant: ids.acme, user: 'admin' });
    const seen = async (path: string) => {
      const { gatewayUrl } = services.embedded;
      const response = await fetch(`${gatewayUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return (await response.json()) as unknown;
    };
    expect(await seen(`/api/email/providers/${ids.support}`)).toMatchObject({
      name: 'Helpdesk',
      mailbox: 'support@acme.example',
      labels: ['Tickets'],
      inboundTicketDefaultsId: ids.tinasUser,
      status: 'disconnected',
      tokenState: 'none',
    });
    expect(await seen(`/api/email/providers/${ids.suspended}`)).toMatchObject({
      status: 'disconnected',
      pauseReason: 'tenant_cancelled',
    });
    expect(await seen(`/api/calendar/providers/${ids.tina}`)).toMatchObject({
      userId: ids.tinasUser,
      syncDirection: 'to_external',
      status: 'disconnected',
    });
  });

  it('changes nothing the second time, and names what is different since', async () => {
    const before = await events();
    await host.client.query(`UPDATE email_providers SET provider_name = 'Service desk' WHERE id = $1`, [
      ids.support,
    ]);
    const acme = acmeIn((await fromHost()).report);
    expect(acme.created).toEqual([]);
    expect(acme.existing).toHaveLength(4);
    expect(acme.existing.find(({ id }) => id === ids.support)!.differences).toEqual([
      { field: 'name', here: '"Helpdesk"', there: '"Service desk"' },
    ]);
    expect(await events()).toEqual(before);
  });

  it('takes a calendar whose account the host does not keep as soon as somebody names it', async () => {
    const accounts = join(folder, 'accounts.json');
    await writeFile(accounts, JSON.stringify({ [ids.timosUser]: 'timo@acme.example' }));
    const { report } = await fromHost('--accounts', accounts, '--tenant', ids.acme);
    expect(acmeIn(report).created).toMatchObject([{ id: ids.timo, address: 'timo@acme.example' }]);
    expect(report.tenants).toHaveLength(1);
  });

  it('brings nothing back that was removed here', async () => {
    const token = await services.embedded.token({ tenant: ids.other, user: 'admin' });
    const url = `${services.embedded.gatewayUrl}/api/email/providers/${ids.support}`;
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(url, { method: 'DELETE', headers })).ok).toBe(true);
    const { code, report } = await fromHost('--tenant', ids.other);
    expect(code).toBe(0);
    expect(report.tenants[0]).toMatchObject({
      created: [],
      existing: [],
      skipped: [{ reason: expect.stringContaining('removed') }],
    });
  });

  it('prints what the host’s operator may run, and that leaves no provider connected', async () => {
    const { hostSql } = (await fromHost()).report;
    await host.client.query(hostSql.join('\n'));
    const { rows } = await host.client.query<{ id: string; status: string; refresh_token: string | null }>(
      `SELECT p.id, p.status, c.refresh_token FROM email_providers p
         JOIN google_email_provider_config c ON c.email_provider_id = p.id AND c.tenant = p.tenant
        WHERE p.tenant = $1 AND p.id = ANY ($2)`,
      [ids.acme, [ids.support, ids.odd, ids.microsoft]],
    );
    expect(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: ids.support, status: 'disconnected', refresh_token: null },
      { id: ids.odd, status: 'disconnected', refresh_token: null },
      { id: ids.microsoft, status: 'connected', refresh_token: canary },
    ]);
  });

  it('never lets a token of the host out', async () => {
    expect(everythingSaid).not.toContain(canary);
    const { rows } = await services.database.query<{ table: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS table FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { table } of rows) {
      const found = await services.database.query(
        `SELECT FROM ${table} AS t WHERE t::text LIKE '%${canary}%'`,
      );
      expect({ table, found: found.rows.length }).toEqual({ table, found: 0 });
    }
  });

  it('says what is wrong with a database that is not the host’s', async () => {
    const { code, complained } = await cutover(['--from-host', services.embedded.postgresUrl]);
    expect(code).toBe(2);
    expect(complained).toContain('email_providers.id');
    const nowhere = 'postgresql://reader:hidden@127.0.0.1:1/none';
    const unreachable = await cutover(['--from-host', '-'], { HOST_DATABASE_URL: nowhere });
    expect(unreachable.code).toBe(1);
    expect(unreachable.complained).not.toContain('hidden');
  });
});

describe('the cutover from a list', () => {
  it('names line, field and remedy of every fault, and takes nothing of it', async () => {
    const file = await list(
      [
        '[',
        `  ${JSON.stringify(mailbox)},`,
        '  {',
        '    "kind": "gmail",',
        '    "tenantId": "t7",',
        '    "id": "m2",',
        '    "name": "Sales",',
        '    "mailbox": "sales at seven",',
        `    "refresh_token": "${canary}"`,
        '  },',
        `  ${JSON.stringify({ ...mailbox, id: 'm3', mailbox: 'SUPPORT@seven.example' })}`,
        ']',
      ].join('\n'),
    );
    const { code, complained } = await cutover(['--from-json', file]);
    expect(code).toBe(2);
    expect(complained.split('\n').slice(1)).toEqual([
      '  line 8: mailbox has to be the address of the mailbox.',
      '  line 9: refresh_token is not taken over: leave it out, tenants authorize anew.',
      '  line 11: mailbox is the same as of the entry on line 2: keep one.',
    ]);
    expect(complained).not.toContain(canary);
    const { rows } = await services.database.query(`SELECT FROM events.events WHERE stream LIKE '%-t7%'`);
    expect(rows).toEqual([]);
  });

  it.each([
    ['[{]', 'is not JSON'],
    ['{}', 'has to be a list'],
    ['[{"kind":"imap"}]', 'kind has to be "gmail" or "calendar"'],
    ['[7]', 'line 1'],
  ])('refuses %s', async (content, why) => {
    const { code, complained } = await cutover(['--from-json', await list(content)]);
    expect({ code, complained }).toEqual({ code: 2, complained: expect.stringContaining(why) as string });
  });

  it('takes it over, once', async () => {
    const file = await list([{ ...mailbox, active: false }, tinas]);
    const first = await cutover(['--from-json', file]);
    expect(first.code).toBe(0);
    expect(first.said).toContain('created  mailbox support@seven.example "Support" (m1)');
    expect(first.said).toContain('2 created, 0 here already, 0 skipped');
    const second = await cutover(['--from-json', file]);
    expect(second.code).toBe(0);
    expect(second.said).toContain('0 created, 2 here already, 0 skipped');
    expect(second.said).not.toContain('UPDATE');
  });

  it.each([
    [[], 'Give one of'],
    [['--from-json', 'a', '--from-host', 'b'], 'Give one of'],
    [['--from-host', 'mysql://x'], 'postgresql://'],
    [['--nonsense'], '--nonsense'],
    [['--from-json', '/nowhere.json'], 'cannot be read'],
  ])('refuses %j', async (args, why) => {
    const { code, complained } = await cutover(args);
    expect({ code, complained }).toEqual({ code: 2, complained: expect.stringContaining(why) as string });
  });
});

it.each([['--dry-run'], []])(
  'leaves a mailbox that was added here by hand to its provider %j',
  async (...args) => {
    const here = (await services.ask<{ providers: { mailbox: string }[] }>('GET', '/api/email/providers'))
      .providers;
    if (here.length === 0) await services.addMailbox('support@acme.example');
    const file = await list([{ ...mailbox, tenantId: 'acme', mailbox: 'Support@acme.example' }]);
    const { code, said } = await cutover(['--from-json', file, '--json', ...args]);
    const [report] = (JSON.parse(said) as Report).tenants;
    expect(code).toBe(3);
    expect(report).toMatchObject({ created: [], existing: [], skipped: [{ kind: 'gmail', id: 'm1' }] });
    expect(report!.skipped[0]!.reason).toContain('Support@acme.example');
  },
);

it('chooses the calendar that the host kept as soon as its owner connects', async () => {
  const file = await list([
    { ...tinas, tenantId: 'acme', account: 'support@acme.example', calendarId: 'primary' },
  ]);
  await cutover(['--from-json', file]);
  await services.connect('calendar', 'c1', 'support@acme.example');
  await services.becomesConnected('calendar', 'c1');
  const told = await services.history('calendar', 'c1');
  expect(told.find(({ type }) => type === 'CalendarsChosen')).toMatchObject({
    data: { calendars: [{ calendarId: 'support@acme.example', primary: true }] },
  });
}, 60_000);
