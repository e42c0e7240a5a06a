import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '#servers/child-server';
import { seconds, systemClock } from '#time/clock';
import { ReceivedDeliveries } from '../../../apps/embedded/src/fixtures/received-deliveries.js';
import { startEmbedded, type Embedded } from '../../../apps/embedded/src/start-embedded.js';

const run = promisify(execFile);
const say = (sentence: string): unknown => process.stdout.write(`${sentence}\n`);
const [server] = process.argv.slice(2);
if (!server || !URL.canParse(server)) {
  process.stderr.write(
    `npm run rehearse:restore -- postgresql://postgres@localhost:5432/postgres

Makes two databases on this server and removes them again. pg_dump and pg_restore on the PATH must not be older than the server.
`,
  );
  process.exit(2);
}

const mailbox = 'support@acme.example';
const [gatewayPort, simulatorPort] = [await freePort(), await freePort()];
const folder = await mkdtemp(join(tmpdir(), 'tenant-google-restore-'));
const suffix = Date.now();
const names = { saved: `rehearsal_saved_${suffix}`, restored: `rehearsal_restored_${suffix}` };

function databaseUrl(name: string): string {
  const url = new URL(server!);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await act();
  say(`${what}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  return result;
}

const start = (dataDir: string, database: string): Promise<Embedded> =>
  startEmbedded({
    dataDir: join(folder, dataDir),
    databaseUrl: databaseUrl(database),
    gatewayPort,
    simulatorPort,
    logLevel: 'info',
    clock: systemClock,
    say: () => {},
    onFailure: (error) => {
      throw error;
    },
  });

async function ask<Answer>(
  embedded: Embedded,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const token = await embedded.token({ tenant: 'acme', user: 'admin' });
  const response = await fetch(`${embedded.gatewayUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds(120);
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`It did not come to be that ${what}.`);
    await pause(50);
  }
}

const isConnected = async (embedded: Embedded, providerId: string): Promise<boolean> => {
  const path = `/api/email/providers/${providerId}/status`;
  return (await ask<{ status: string }>(embedded, 'GET', path)).status === 'connected';
};

/** Gmail notifies about a mailbox at most once a second. */
async function deliver(embedded: Embedded, subject: string): Promise<void> {
  await pause(1_100);
  const mail = { from: 'Ann <ann@customer.example>', subject, text: 'Please help.' };
  await embedded.simulator.client.gmail.deliver(mailbox, mail);
}

async function connectMailbox(embedded: Embedded): Promise<string> {
  const { client } = embedded.simulator;
  const project = await client.seedTenantProject({
    projectId: 'acme-helpdesk',
    redirectUris: [`${embedded.gatewayUrl}/api/auth/google/callback`],
    users: [{ email: mailbox }],
  });
  await ask(embedded, 'PUT', '/api/google/config', {
    projectId: project.projectId,
    gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
    calendar: 'same',
    serviceAccountKey: project.serviceAccountKeyJson,
  });
  const wish = { name: mailbox, mailbox };
  const { id } = await ask<{ id: string }>(embedded, 'POST', '/api/email/providers', wish);
  const consent = { provider: 'google', providerId: id };
  const { authUrl } = await ask<{ authUrl: string }>(embedded, 'POST', '/api/email/oauth/initiate', consent);
  const back = await client.consent(authUrl, { account: mailbox });
  if (back.kind !== 'redirected') throw new Error(`The consent stranded on ${back.page}.`);
  await fetch(back.url);
  await until('the mailbox is connected', () => isConnected(embedded, id));
  return id;
}

/** What the PSA gets, by subject. */
async function received(embedded: Embedded): Promise<{
  idOf(subject: string): string | undefined;
  end(): Promise<void>;
}> {
  const mail = await ReceivedDeliveries.mail(embedded.natsUrl);
  return {
    idOf: (subject) => mail.all().find((each) => each.subject === subject)?.deliveryId,
    end: () => mail.end(),
  };
}

try {
  await administer(`CREATE DATABASE ${names.saved}`);
  const before = await start('before', names.saved);
  const providerId = await connectMailbox(before);
  const psaBefore = await received(before);
  await deliver(before, 'before the backup');
  await until('the first mail is delivered', () => psaBefore.idOf('before the backup') !== undefined);

  const dump = join(folder, 'tenant-google.dump');
  await timed('pg_dump while everything runs', () =>
    run('pg_dump', ['--format=custom', '--file', dump, '--dbname', databaseUrl(names.saved)]),
  );
  await deliver(before, 'after the backup');
  await until('the second mail is delivered', () => psaBefore.idOf('after the backup') !== undefined);
  const firstTime = psaBefore.idOf('after the backup')!;
  await psaBefore.end();
  await before.close();
  await administer(`DROP DATABASE ${names.saved} WITH (FORCE)`);
  say('Everything is stopped; the database and JetStream are lost. Kept are the dump and the keys.');

  await administer(`CREATE DATABASE ${names.restored}`);
  await timed('pg_restore into an empty database', () =>
    run('pg_restore', ['--exit-on-error', '--no-owner', '--dbname', databaseUrl(names.restored), dump]),
  );
  await freshFolder();
  const after = await timed('start on what was restored', () => start('after', names.restored));
  const psaAfter = await received(after);
  await timed('until the mailbox is connected', () =>
    until('the mailbox is connected again', () => isConnected(after, providerId)),
  );
  await deliver(after, 'after the restore');
  await timed('until a new mail is delivered', () =>
    until('a new mail is delivered', () => psaAfter.idOf('after the restore') !== undefined),
  );
  await until(
    'the mail of after the backup is delivered again',
    () => psaAfter.idOf('after the backup') !== undefined,
  );
  const isSame = psaAfter.idOf('after the backup') === firstTime;
  say(`The mail of after the backup came again, with ${isSame ? 'the same' : 'ANOTHER'} delivery id.`);
  say(`The mail of before the backup came ${psaAfter.idOf('before the backup') ? 'AGAIN' : 'not again'}.`);
  await psaAfter.end();
  await after.close();
  if (!isSame || psaAfter.idOf('before the backup')) process.exitCode = 1;
} finally {
  for (const name of Object.values(names)) await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await rm(folder, { recursive: true, force: true });
}

/** The keys, from where they are kept apart; and Google, which lost nothing. */
async function freshFolder(): Promise<void> {
  await mkdir(join(folder, 'after'));
  for (const file of ['keys.json', 'google-simulator.json'])
    await copyFile(join(folder, 'before', file), join(folder, 'after', file));
}
