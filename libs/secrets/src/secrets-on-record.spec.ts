import { memorySecrets } from './memory-secrets.js';
import { gmailAppKeys, refreshTokenKey } from './secret-keys.js';
import { secretsOnRecord } from './secrets-on-record.js';
import { secretsContract } from './secrets.contract.js';

secretsContract(
  'a provider that notes what is read',
  async () => ({
    secrets: secretsOnRecord(memorySecrets(), async () => {}),
    reopen: async () => memorySecrets(),
    close: async () => {},
  }),
  { outlivesTheProcess: { because: 'the memory below belongs to one process' } },
);

describe('reading secrets on record', () => {
  it('notes the keys that had a value, and nothing where nothing was read', async () => {
    const noted: unknown[] = [];
    const secrets = secretsOnRecord(memorySecrets(), async (tenantId, keys) => {
      noted.push([tenantId, keys]);
    });
    await secrets.setTenantSecret('t1', gmailAppKeys.clientSecret, 'a value');
    await secrets.getTenantSecrets('t1', [gmailAppKeys.clientSecret, refreshTokenKey('p1')]);
    await secrets.getTenantSecret('t1', refreshTokenKey('p1'));
    await secrets.listTenantSecretKeys('t1');
    expect(noted).toEqual([['t1', [gmailAppKeys.clientSecret]]]);
  });

  it('answers no value that could not be noted', async () => {
    const secrets = secretsOnRecord(memorySecrets(), async () => {
      throw new Error('the record is full');
    });
    await secrets.setTenantSecret('t1', gmailAppKeys.clientSecret, 'a value');
    await expect(secrets.getTenantSecret('t1', gmailAppKeys.clientSecret)).rejects.toThrow('is full');
  });
});
