import { createTestDatabase } from '#servers/test-database';
import type { DataSource } from 'typeorm';
import { KeyRing } from './key-ring.js';
import { postgresSecrets } from './postgres-secrets.js';
import { gmailAppKeys, refreshTokenKey, type SecretKey } from './secret-keys.js';
import { openSecretsDatabase } from './secrets-database.js';
import { errorOf, everythingShownBy, failureOf, secretsContract } from './secrets.contract.js';
import { retireWrappingKey, rewrapDataKeys } from './wrapping-key-rotation.js';

const { clientId, clientSecret } = gmailAppKeys;
const material = (id: string): string => Buffer.alloc(32, `material of ${id}`).toString('base64');

function ringOf(...ids: string[]): KeyRing {
  const ring = KeyRing.parse(ids.map((id) => `${id}:${material(id)}`).join(','));
  if (!(ring instanceof KeyRing)) throw new Error(ring.code);
  return ring;
}

async function openStore(): Promise<{ database: DataSource; close(): Promise<void> }> {
  const server = await createTestDatabase();
  const database = await openSecretsDatabase({ url: server.url, poolSize: 10 });
  return {
    database,
    close: async () => {
      await database.destroy();
      await server.drop();
    },
  };
}

secretsContract(
  'PostgreSQL with envelope encryption',
  async () => {
    const { database, close } = await openStore();
    return {
      secrets: postgresSecrets(database, ringOf('k1')),
      reopen: async () => postgresSecrets(database, ringOf('k1')),
      close,
    };
  },
  { outlivesTheProcess: true },
);

describe('secrets in PostgreSQL', () => {
  let database: DataSource;
  let close: () => Promise<void>;
  const secretsWith = (...ids: string[]) => postgresSecrets(database, ringOf(...ids));

  beforeAll(async () => {
    ({ database, close } = await openStore());
  });
  afterAll(() => close?.());
  beforeEach(() => database.query('delete from secrets.data_keys'));

  it('are unreadable in the tables, and so is the data key', async () => {
    await secretsWith('k1').setTenantSecret('t1', clientSecret, 'CANARY-value');
    const rows = await database.query(
      'select s.*, w.* from secrets.tenant_secrets s, secrets.wrapped_data_keys w',
    );
    expect(rows).toHaveLength(1);
    for (const column of Object.values<Buffer | string>(rows[0]))
      expect(column.toString('latin1')).not.toContain('CANARY');
  });

  it('share one data key per tenant when many write a first secret at once', async () => {
    const keys = Array.from({ length: 12 }, (_, n) => refreshTokenKey(`p${n}`));
    await Promise.all(keys.map((key) => secretsWith('k1').setTenantSecret('t1', key, key)));
    for (const key of keys) expect(await secretsWith('k1').getTenantSecret('t1', key)).toBe(key);
  });

  it('let changes that meet in the middle of opposite orders follow each other', async () => {
    const secrets = secretsWith('k1');
    const [first, middle, last] = ['a', 'b', 'c'].map(refreshTokenKey) as [SecretKey, SecretKey, SecretKey];
    await secrets.changeTenantSecrets('t1', { [first]: 'old', [middle]: 'old', [last]: 'old' });
    const blocker = database.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('select from secrets.tenant_secrets where key = $1 for update', [middle]);
    const changes = [
      secrets.changeTenantSecrets('t1', { [first]: 'new', [middle]: 'new', [last]: 'new' }),
      secrets.changeTenantSecrets('t1', { [last]: 'new', [middle]: 'new', [first]: 'new' }),
    ];
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await database.query<unknown[]>(waiting)).length < 2);
    await blocker.rollbackTransaction();
    await blocker.release();
    await Promise.all(changes);
    expect(await secrets.getTenantSecrets('t1', [first, last])).toEqual({ [first]: 'new', [last]: 'new' });
  });

  it('do not open in a row that was copied to another tenant, with or without the data key, or to another name', async () => {
    const secrets = secretsWith('k1');
    await secrets.setTenantSecret('victim', clientSecret, 'CANARY');
    await secrets.setTenantSecret('thief', clientId, 'own');
    await database.query(`insert into secrets.tenant_secrets
      select 'thief', key, sealed from secrets.tenant_secrets where tenant_id = 'victim'`);
    expect((await failureOf(secrets.getTenantSecret('thief', clientSecret))).code).toBe('secrets.unreadable');
    await database.query(`update secrets.wrapped_data_keys set wrapped = (
      select wrapped from secrets.wrapped_data_keys where tenant_id = 'victim') where tenant_id = 'thief'`);
    expect((await failureOf(secrets.getTenantSecret('thief', clientSecret))).code).toBe('secrets.unreadable');
    await database.query(
      `update secrets.tenant_secrets set key = 'google_client_id' where tenant_id = 'victim'`,
    );
    const error = await errorOf(secrets.getTenantSecret('victim', clientId));
    expect(error).toMatchObject({ failure: { code: 'secrets.unreadable', what: clientId } });
    expect(everythingShownBy(error)).not.toContain('CANARY');
  });

  it('leave nothing behind when a change fails in the middle', async () => {
    const secrets = secretsWith('k1');
    await secrets.changeTenantSecrets('t1', { [clientId]: 'before', [clientSecret]: 'before' });
    await database.query(
      `alter table secrets.tenant_secrets add constraint planted check (key <> 'google_project_id')`,
    );
    const change = { [clientId]: null, [clientSecret]: 'CANARY', [gmailAppKeys.projectId]: 'CANARY' };
    const error = await errorOf(secrets.changeTenantSecrets('t1', change));
    await database.query('alter table secrets.tenant_secrets drop constraint planted');
    expect(everythingShownBy(error)).toContain('planted');
    expect(everythingShownBy(error)).not.toContain('CANARY');
    expect(await secrets.getTenantSecrets('t1', [clientId, clientSecret])).toEqual({
      [clientId]: 'before',
      [clientSecret]: 'before',
    });
  });

  it('name the missing key, and only its id, when the ring cannot open a tenant, and are not overwritten', async () => {
    await secretsWith('k1').setTenantSecret('t1', clientId, 'id');
    const lacking = secretsWith('k9');
    const missing = { failure: { code: 'secrets.wrapping-key-missing', keyIds: ['k1'] } };
    const errors = [
      await errorOf(lacking.getTenantSecret('t1', clientId)),
      await errorOf(lacking.setTenantSecret('t1', clientSecret, 'CANARY')),
    ];
    for (const error of errors) {
      expect(error).toMatchObject(missing);
      const shown = everythingShownBy(error);
      for (const hidden of ['CANARY', material('k1'), material('k9')]) expect(shown).not.toContain(hidden);
    }
    expect(await secretsWith('k1').listTenantSecretKeys('t1')).toEqual([clientId]);
  });

  describe('while the wrapping key is rotated', () => {
    const tenants = ['t1', 't2', 't3', 't4', 't5'];
    beforeEach(() =>
      Promise.all(tenants.map((tenant) => secretsWith('k1').setTenantSecret(tenant, clientId, tenant))),
    );

    it('are read by replicas with the old ring, the new ring and the ring that follows', async () => {
      expect(await rewrapDataKeys(database, ringOf('k2', 'k1'), 2)).toEqual({ rewrapped: 5, unreadable: [] });
      for (const ring of [['k1'], ['k2', 'k1'], ['k2']])
        for (const tenant of tenants)
          expect(await secretsWith(...ring).getTenantSecret(tenant, clientId)).toBe(tenant);
    });

    it('can be written on either side and read on the other, for tenants old and new', async () => {
      await rewrapDataKeys(database, ringOf('k2', 'k1'));
      await secretsWith('k1').setTenantSecret('t1', clientSecret, 'from before');
      await secretsWith('k2').setTenantSecret('t2', clientSecret, 'from after');
      await secretsWith('k2', 'k1').setTenantSecret('new', clientSecret, 'from between');
      expect(await secretsWith('k2').getTenantSecret('t1', clientSecret)).toBe('from before');
      expect(await secretsWith('k1').getTenantSecret('t2', clientSecret)).toBe('from after');
      expect(await secretsWith('k1').getTenantSecret('new', clientSecret)).toBe('from between');
    });

    it('stay readable at every moment', async () => {
      let rotating = true;
      const reads: (string | undefined)[] = [];
      const reader = (async () => {
        while (rotating) reads.push(await secretsWith('k1').getTenantSecret('t5', clientId));
      })();
      for (let next = 2; next <= 4; next++) await rewrapDataKeys(database, ringOf(`k${next}`, 'k1'), 1);
      rotating = false;
      await reader;
      expect(new Set(reads)).toEqual(new Set(['t5']));
    });

    it('need no second rewrapping, and two at once do the work of one', async () => {
      const both = await Promise.all([1, 2].map(() => rewrapDataKeys(database, ringOf('k2', 'k1'), 2)));
      expect(both.map(({ rewrapped }) => rewrapped).reduce((a, b) => a + b)).toBe(5);
      expect((await rewrapDataKeys(database, ringOf('k2', 'k1'))).rewrapped).toBe(0);
    });

    it('are left alone and reported when the ring cannot open them, and the rest is rewrapped', async () => {
      await secretsWith('lost').setTenantSecret('t0', clientId, 'id');
      expect(await rewrapDataKeys(database, ringOf('k2', 'k1'), 2)).toEqual({
        rewrapped: 5,
        unreadable: [{ code: 'secrets.wrapping-key-missing', keyIds: ['lost'] }],
      });
    });

    it('no longer open with the former key once it is retired', async () => {
      await rewrapDataKeys(database, ringOf('k2', 'k1'));
      expect(await retireWrappingKey(database, ringOf('k2', 'k1'), 'k1', 2)).toEqual({
        removed: 5,
        stillNeededBy: 0,
      });
      expect(await secretsWith('k2').getTenantSecret('t1', clientId)).toBe('t1');
      expect(await failureOf(secretsWith('k1').getTenantSecret('t1', clientId))).toEqual({
        code: 'secrets.wrapping-key-missing',
        keyIds: ['k2'],
      });
    });

    it('keep the former key where the current one cannot open them yet', async () => {
      await rewrapDataKeys(database, ringOf('k2', 'k1'));
      await secretsWith('k1').setTenantSecret('late', clientId, 'late');
      expect(await retireWrappingKey(database, ringOf('k2', 'k1'), 'k1')).toEqual({
        removed: 5,
        stillNeededBy: 1,
      });
      expect(await secretsWith('k1').getTenantSecret('late', clientId)).toBe('late');
    });

    it('keep the former key where other material goes by the id of the current one', async () => {
      const impostor = KeyRing.parse(`k2:${material('other')},k1:${material('k1')}`) as KeyRing;
      await rewrapDataKeys(database, impostor);
      expect(await retireWrappingKey(database, ringOf('k2', 'k1'), 'k1')).toEqual({
        removed: 0,
        stillNeededBy: 5,
      });
      expect(await secretsWith('k1').getTenantSecret('t1', clientId)).toBe('t1');
    });

    it('stay readable when two rings retire each other', async () => {
      await rewrapDataKeys(database, ringOf('k2', 'k1'));
      await Promise.all([
        retireWrappingKey(database, ringOf('k2', 'k1'), 'k1', 1),
        retireWrappingKey(database, ringOf('k1', 'k2'), 'k2', 1),
      ]);
      for (const tenant of tenants)
        expect(await secretsWith('k1', 'k2').getTenantSecret(tenant, clientId)).toBe(tenant);
    });

    it('never lose the current key', async () => {
      expect(await retireWrappingKey(database, ringOf('k1'), 'k1')).toEqual({ removed: 0, stillNeededBy: 5 });
      expect(await secretsWith('k1').getTenantSecret('t1', clientId)).toBe('t1');
    });
  });
});
