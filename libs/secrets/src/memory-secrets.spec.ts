import { memorySecrets } from './memory-secrets.js';
import { secretsContract } from './secrets.contract.js';

secretsContract(
  'the substitute in memory',
  async () => ({
    secrets: memorySecrets(),
    reopen: async () => memorySecrets(),
    close: async () => {},
  }),
  { outlivesTheProcess: { because: 'memory belongs to one process' } },
);
