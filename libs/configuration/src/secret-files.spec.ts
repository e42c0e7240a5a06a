import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, readConfiguration, readEmbeddedSettings } from './configuration.js';

const complete = {
  BASE_URL: 'https://psa.example.com/',
  NATS_URL: 'nats://nats-1:4222, nats://nats-2:4222',
  DATABASE_URL: 'postgresql://localhost/tenant_google',
  AUTH_JWT_SECRET: 'x'.repeat(32),
  SECRETS_KEY_RING: 'k1:abc',
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-google-secret-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function faultsOf(env: Record<string, string | undefined>): string[] {
  try {
    readConfiguration(env);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.faults.map(({ setting, fault }) => `${setting} ${fault}`);
    throw error;
  }
  return [];
}

it('takes secrets from the files that are named, without the line break at their end', async () => {
  const configuration = readConfiguration({
    ...complete,
    DATABASE_URL: undefined,
    AUTH_JWT_SECRET: '',
    SECRETS_KEY_RING: undefined,
    DATABASE_URL_FILE: await file('database', 'postgresql://tenant:canary@db/tenant_google\n'),
    AUTH_JWT_SECRET_FILE: await file('jwt', `${'y'.repeat(32)}\n`),
    SECRETS_KEY_RING_FILE: await file('ring', 'k2:def,k1:abc\n'),
    EVENTSTOREDB_URL_FILE: await file('events', 'esdb://tenant:canary@events:2113?tls=true'),
    NATS_USER: 'gmail',
    NATS_PASSWORD_FILE: await file('nats', 'p@ss:word\n'),
  });
  expect(configuration).toMatchObject({
    database: { url: 'postgresql://tenant:canary@db/tenant_google' },
    auth: { secret: 'y'.repeat(32) },
    secrets: { keyRing: 'k2:def,k1:abc' },
    eventStore: { kind: 'eventstoredb', url: 'esdb://tenant:canary@events:2113?tls=true' },
    natsUrl: 'nats://gmail:p%40ss%3Aword@nats-1:4222,nats://gmail:p%40ss%3Aword@nats-2:4222',
  });
  const { databaseUrl } = readEmbeddedSettings({ DATABASE_URL_FILE: join(folder, 'database') });
  expect(databaseUrl).toBe('postgresql://tenant:canary@db/tenant_google');
});

it('says which file cannot be used, all at once, and no secret', async () => {
  const env = {
    ...complete,
    DATABASE_URL_FILE: await file('second', 'canary'),
    AUTH_JWT_SECRET: undefined,
    AUTH_JWT_SECRET_FILE: await file('empty', '\n'),
    SECRETS_KEY_RING: undefined,
    SECRETS_KEY_RING_FILE: join(folder, 'missing'),
  };
  expect(faultsOf(env)).toEqual([
    'DATABASE_URL_FILE and DATABASE_URL are both set: leave one of them out',
    'AUTH_JWT_SECRET_FILE names an empty file: write the secret into it',
    'SECRETS_KEY_RING_FILE names a file that cannot be read (ENOENT)',
  ]);
});

it('wants a user of NATS and its password together, and a sensible number of copies', () => {
  expect(faultsOf({ ...complete, NATS_USER: 'gmail' })).toEqual([
    'NATS_PASSWORD is missing: a user of NATS and its password are set together, or neither',
  ]);
  expect(faultsOf({ ...complete, NATS_REPLICAS: '2' })).toEqual(['NATS_REPLICAS has to be 1, 3 or 5']);
  expect(readConfiguration({ ...complete, NATS_REPLICAS: '3' }).messages.replicas).toBe(3);
  expect(readConfiguration(complete).messages).not.toHaveProperty('replicas');
});
