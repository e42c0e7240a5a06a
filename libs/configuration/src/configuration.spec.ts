import { newSigningKey } from '#event-sourcing/chain/signing-key';
import { ConfigurationError, ignoredSettings, readConfiguration } from './configuration.js';

const complete = {
  BASE_URL: 'https://psa.example.com/',
  NATS_URL: 'nats://localhost:4222',
  DATABASE_URL: 'postgresql://localhost/tenant_google',
  AUTH_JWT_SECRET: 'x'.repeat(32),
  SECRETS_KEY_RING: 'k1:abc',
};

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

it('is read whole from a complete environment', () => {
  const configuration = readConfiguration(complete);
  expect(configuration.baseUrl).toBe('https://psa.example.com');
  expect(configuration.auth).toEqual({ kind: 'shared-secret', secret: 'x'.repeat(32) });
  expect(configuration.development).toBe(false);
});

it('keeps events in the database unless EventStoreDB is named', () => {
  expect(readConfiguration(complete).eventStore).toEqual({ kind: 'postgres' });
  const url = 'esdb://tenant:canary@a.example.com:2113,b.example.com:2113?tls=true';
  expect(readConfiguration({ ...complete, EVENTSTOREDB_URL: url }).eventStore).toEqual({
    kind: 'eventstoredb',
    url,
  });
  expect(faultsOf({ ...complete, EVENTSTOREDB_URL: 'http://canary' })).toEqual([
    'EVENTSTOREDB_URL has to be a connection string such as esdb://user:password@host:2113?tls=true or kurrentdb://…',
  ]);
});

it('takes a key for signing the history, and says where one comes from', () => {
  expect(readConfiguration(complete).audit).toEqual({ retentionDays: 365 });
  const { signingKey } = readConfiguration({ ...complete, AUDIT_SIGNING_KEY: newSigningKey() }).audit;
  expect(signingKey?.asymmetricKeyType).toBe('ed25519');
  expect(faultsOf({ ...complete, AUDIT_SIGNING_KEY: 'canary' })).toEqual([
    'AUDIT_SIGNING_KEY holds no Ed25519 key: "npm run audit -- make-key" prints one as it has to be',
  ]);
});

it('names every wrong setting at once, and never its value', () => {
  const faults = faultsOf({
    ...complete,
    NATS_URL: 'http://canary',
    GATEWAY_PORT: 'canary',
    DATABASE_URL: undefined,
  });
  expect(faults).toEqual([
    'GATEWAY_PORT has to be a port number',
    'NATS_URL has to be a URL such as nats://localhost:4222, or several of one cluster, separated by commas',
    'DATABASE_URL is missing',
  ]);
});

it.each([
  [{ ...complete, AUTH_JWT_SECRET: '' }, /^AUTH_JWT_SECRET or AUTH_JWKS_URL has to be set/],
  [{ ...complete, AUTH_JWKS_URL: 'https://psa/jwks' }, /exactly one of them/],
  [{ ...complete, SECRETS_KEY_RING: '' }, /^SECRETS_KEY_RING is missing: make a key with/],
  [
    { ...complete, GOOGLE_SIMULATOR_URL: 'http://127.0.0.1:8085' },
    /^GOOGLE_SIMULATOR_URL is only for development/,
  ],
  [{ ...complete, BASE_URL: 'http://psa.example.com' }, /^BASE_URL has to be https/],
  [
    { ...complete, OPENER_ORIGINS: 'https://psa.example.com/path' },
    /^OPENER_ORIGINS has to be a comma-separated list/,
  ],
])('says which settings contradict each other', (env, fault) => {
  expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
});

it('knows the app-level Google credentials only to say that they are ignored', () => {
  expect(ignoredSettings({ ...complete, GOOGLE_CLIENT_SECRET: 'canary' })).toEqual(['GOOGLE_CLIENT_SECRET']);
  expect(JSON.stringify(readConfiguration({ ...complete, GOOGLE_CLIENT_SECRET: 'canary' }))).not.toContain(
    'canary',
  );
});
