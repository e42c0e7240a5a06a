import { locksContract } from './locks.contract.js';
import { MemoryLocks } from './memory-locks.js';

locksContract(
  'the substitute in memory',
  async () => ({
    locks: new MemoryLocks(),
    elsewhere: new MemoryLocks(),
    cutOff: async () => {},
    close: async () => {},
  }),
  { acrossProcesses: { because: 'memory belongs to one process' } },
);
