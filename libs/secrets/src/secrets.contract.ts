import { inspect } from 'node:util';
import {
  accessTokenKey,
  calendarAppKeys,
  gmailAppKeys,
  refreshTokenKey,
  serviceAccountKey,
} from './secret-keys.js';
import type { SecretKey } from './secret-keys.js';
import { SecretsError } from './secrets-error.js';
import type { SecretChanges, SecretsProvider } from './secrets-provider.js';

export interface SecretsUnderTest {
  readonly secrets: SecretsProvider;
  /** Another provider over the same store, as a second process or a restarted one would have. */
  reopen(): Promise<SecretsProvider>;
  close(): Promise<void>;
}

export interface SecretsFeatures {
  /** What was set is still there for a second process and after a restart. */
  readonly outlivesTheProcess: true | { readonly because: string };
}

/** What every Secrets Provider does, whatever it keeps secrets in. */
export function secretsContract(
  name: string,
  open: () => Promise<SecretsUnderTest>,
  features: SecretsFeatures,
): void {
  describe(`${name} keeps the contract of a secrets provider`, () => {
    let opened: SecretsUnderTest;
    let secrets: SecretsProvider;
    let tenant: string;
    let tenants = 0;

    beforeAll(async () => {
      opened = await open();
      secrets = opened.secrets;
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      tenant = `tenant-${++tenants}`;
    });

    const { clientId, clientSecret } = gmailAppKeys;

    it('gives back what was set, and nothing where nothing was', async () => {
      await secrets.setTenantSecret(tenant, clientId, 'id-1');
      expect(await secrets.getTenantSecret(tenant, clientId)).toBe('id-1');
      expect(await secrets.getTenantSecret(tenant, clientSecret)).toBeUndefined();
    });

    it('replaces a value', async () => {
      await secrets.setTenantSecret(tenant, clientId, 'old');
      await secrets.setTenantSecret(tenant, clientId, 'new');
      expect(await secrets.getTenantSecret(tenant, clientId)).toBe('new');
      expect(await secrets.listTenantSecretKeys(tenant)).toEqual([clientId]);
    });

    it('keeps every name that Google secrets have', async () => {
      const all: SecretKey[] = [
        ...Object.values(gmailAppKeys),
        ...Object.values(calendarAppKeys),
        serviceAccountKey,
        refreshTokenKey('8a1f6f3e-9d53-4b4c-8f0a-0d5f1f0f9e11'),
        accessTokenKey('p7'),
      ];
      await secrets.changeTenantSecrets(
        tenant,
        Object.fromEntries(all.map((key) => [key, `value of ${key}`])),
      );
      expect(await secrets.listTenantSecretKeys(tenant)).toEqual([...all].sort());
      for (const key of all) expect(await secrets.getTenantSecret(tenant, key)).toBe(`value of ${key}`);
    });

    it('keeps long and multi-line text of any alphabet, without the whitespace around it', async () => {
      const key = `{\n  "private_key": "-----BEGIN\\n${'ключ🔑'.repeat(2_000)}"\n}`;
      await secrets.setTenantSecret(tenant, serviceAccountKey, `\n${key}\r\n`);
      expect(await secrets.getTenantSecret(tenant, serviceAccountKey)).toBe(key);
    });

    it('deletes a value, and is content when it was gone already', async () => {
      await secrets.setTenantSecret(tenant, clientId, 'id');
      await secrets.deleteTenantSecret(tenant, clientId);
      await secrets.deleteTenantSecret(tenant, clientId);
      expect(await secrets.getTenantSecret(tenant, clientId)).toBeUndefined();
      expect(await secrets.listTenantSecretKeys(tenant)).toEqual([]);
    });

    it('knows nothing of a tenant that it never saw', async () => {
      expect(await secrets.listTenantSecretKeys(tenant)).toEqual([]);
      expect(await secrets.getTenantSecrets(tenant, [clientId, clientSecret])).toEqual({});
      await secrets.deleteTenantSecret(tenant, clientId);
    });

    it('keeps tenants apart', async () => {
      const other = `${tenant}-b`;
      await secrets.setTenantSecret(tenant, clientId, 'mine');
      await secrets.setTenantSecret(other, clientId, 'theirs');
      await secrets.deleteTenantSecret(other, clientId);
      expect(await secrets.getTenantSecret(tenant, clientId)).toBe('mine');
      expect(await secrets.getTenantSecret(other, clientId)).toBeUndefined();
    });

    it('sets, replaces and deletes several values in one change, and leaves the others', async () => {
      const { projectId } = gmailAppKeys;
      await secrets.changeTenantSecrets(tenant, {
        [clientId]: 'a',
        [clientSecret]: 'b',
        [projectId]: 'kept',
      });
      await secrets.changeTenantSecrets(tenant, {
        [clientId]: 'c',
        [clientSecret]: null,
        [serviceAccountKey]: '{}',
      });
      expect(
        await secrets.getTenantSecrets(tenant, [clientId, clientSecret, projectId, serviceAccountKey]),
      ).toEqual({
        [clientId]: 'c',
        [projectId]: 'kept',
        [serviceAccountKey]: '{}',
      });
    });

    it('changes nothing when one of several changes is refused', async () => {
      await secrets.setTenantSecret(tenant, clientId, 'before');
      const changes = { [clientId]: 'after', [clientSecret]: '   ' };
      expect((await failureOf(secrets.changeTenantSecrets(tenant, changes))).code).toBe(
        'secrets.invalid-value',
      );
      expect(await secrets.getTenantSecret(tenant, clientId)).toBe('before');
    });

    it('never shows half of a change, however many write and read at once', async () => {
      const writers = ['p', 'q', 'r'].map(async (writer) => {
        for (let round = 0; round < 8; round++)
          await secrets.changeTenantSecrets(tenant, {
            [clientId]: `${writer}${round}`,
            [clientSecret]: `${writer}${round}`,
          });
      });
      let writing = true;
      const readings: { [key: string]: string }[] = [];
      const reader = (async () => {
        while (writing) {
          readings.push(await secrets.getTenantSecrets(tenant, [clientId, clientSecret]));
          await new Promise(setImmediate);
        }
      })();
      await Promise.all(writers);
      writing = false;
      await reader;
      expect(readings.length).toBeGreaterThan(0);
      for (const pair of readings) expect(pair[clientId]).toBe(pair[clientSecret]);
    });

    it('lets changes of the same keys in opposite order follow each other', async () => {
      const keys = Array.from({ length: 40 }, (_, n) => refreshTokenKey(`p${n}`));
      const changeTo = (value: string, order: SecretKey[]) =>
        secrets.changeTenantSecrets(tenant, Object.fromEntries(order.map((key) => [key, value])));
      await changeTo('first', keys);
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => changeTo(`value ${n}`, n % 2 ? keys : keys.toReversed())),
      );
      const values = new Set(Object.values(await secrets.getTenantSecrets(tenant, keys)));
      expect(values.size).toBe(1);
      expect([...values][0]).toMatch(/^value \d+$/);
    });

    it('changes nothing when no change is asked for', async () => {
      await secrets.changeTenantSecrets(tenant, {});
      expect(await secrets.listTenantSecretKeys(tenant)).toEqual([]);
    });

    describe('refuses', () => {
      const badTenants = [
        '',
        '.',
        '..',
        '../t1',
        'a/b',
        'a\\b',
        'a\0',
        'a b',
        '-a',
        'a.b',
        'ä',
        't\n',
        'a'.repeat(65),
      ];
      it.each(badTenants)('%j as a tenant id, in every method', async (bad) => {
        const attempts = [
          secrets.getTenantSecret(bad, clientId),
          secrets.getTenantSecrets(bad, [clientId]),
          secrets.setTenantSecret(bad, clientId, 'v'),
          secrets.deleteTenantSecret(bad, clientId),
          secrets.changeTenantSecrets(bad, { [clientId]: 'v' }),
          secrets.listTenantSecretKeys(bad),
        ];
        for (const attempt of attempts)
          expect((await failureOf(attempt)).code).toBe('secrets.invalid-tenant-id');
      });

      const badKeys = [
        '',
        'google_client_id\n',
        'GOOGLE_CLIENT_ID',
        '../google_client_id',
        'microsoft_client_secret',
        'google_refresh_token_',
        'google_refresh_token_../x',
        'google_access_token_a.b',
        '__proto__',
        `google_refresh_token_${'a'.repeat(101)}`,
      ];
      it.each(badKeys)('%j as a key, in every method', async (bad) => {
        const key = bad as SecretKey;
        const attempts = [
          secrets.getTenantSecret(tenant, key),
          secrets.getTenantSecrets(tenant, [clientId, key]),
          secrets.setTenantSecret(tenant, key, 'v'),
          secrets.deleteTenantSecret(tenant, key),
          secrets.changeTenantSecrets(tenant, Object.fromEntries([[key, 'v']]) as SecretChanges),
        ];
        for (const attempt of attempts) expect((await failureOf(attempt)).code).toBe('secrets.invalid-key');
      });

      it.each([
        ['nothing at all', '', 'not-empty'],
        ['whitespace', ' \n\t', 'not-empty'],
        ['half a character', 'a\ud800b', 'well-formed'],
        ['more than 64 KiB', 'é'.repeat(32 * 1024 + 1), 'at-most-64-kib'],
        ['what is not text', 42 as unknown as string, 'text'],
      ])('%s as a value', async (_what, value, rule) => {
        expect(await failureOf(secrets.setTenantSecret(tenant, clientSecret, value))).toMatchObject({
          code: 'secrets.invalid-value',
          rule,
        });
      });
    });

    it('shows no value in an error or when it is inspected, also when a value took the place of a name', async () => {
      const canary = 'CANARY-5f2c';
      await secrets.setTenantSecret(tenant, clientSecret, canary);
      const errors = [
        await errorOf(secrets.setTenantSecret(tenant, clientSecret, `${canary}\ud800`)),
        await errorOf(secrets.setTenantSecret(tenant, canary as SecretKey, 'v')),
        await errorOf(secrets.getTenantSecret(`${canary}/`, clientSecret)),
      ];
      for (const error of errors) expect(everythingShownBy(error)).not.toContain(canary);
      expect(everythingShownBy(secrets)).not.toContain(canary);
    });

    if (features.outlivesTheProcess === true) {
      it('has what was set for a second process and after a restart', async () => {
        await secrets.changeTenantSecrets(tenant, { [clientId]: 'id', [clientSecret]: 'secret' });
        const again = await opened.reopen();
        expect(await again.getTenantSecret(tenant, clientId)).toBe('id');
        await again.setTenantSecret(tenant, clientId, 'changed there');
        expect(await secrets.getTenantSecret(tenant, clientId)).toBe('changed there');
      });
    } else {
      it(`begins empty again when it is reopened, because ${features.outlivesTheProcess.because}`, async () => {
        await secrets.setTenantSecret(tenant, clientId, 'id');
        expect(await (await opened.reopen()).listTenantSecretKeys(tenant)).toEqual([]);
      });
    }
  });
}

/** Everything that a log or a debugger could print of a thing. */
export function everythingShownBy(thing: unknown): string {
  const printed = inspect(thing, { depth: Infinity, showHidden: true, maxArrayLength: Infinity });
  const stack = thing instanceof Error ? `${thing.stack} ${String(thing.cause)}` : '';
  return [printed, String(thing), JSON.stringify(thing), stack].join('\n');
}

export async function errorOf(attempt: Promise<unknown>): Promise<unknown> {
  const resolved = Symbol('resolved');
  const outcome = await attempt.then(
    () => resolved,
    (error: unknown) => error,
  );
  if (outcome === resolved) throw new Error('it was expected to be refused, but it was done');
  return outcome;
}

export async function failureOf(attempt: Promise<unknown>): Promise<SecretsError['failure']> {
  const error = await errorOf(attempt);
  if (!(error instanceof SecretsError)) throw error;
  return error.failure;
}
