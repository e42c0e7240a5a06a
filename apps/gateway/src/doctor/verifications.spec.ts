import { MemoryLocks } from '#locks/memory-locks';
import { beginning, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { systemClock } from '#time/clock';
import { Verifications } from './verifications.js';

const config = { kind: 'config', providerId: null } as const;
const origin = () => beginning('t1', 'u1');
const configuration = {
  baseUrl: 'https://psa.example.com',
  google: { simulatorUrl: undefined, requestPubsubScope: false },
};

it('runs once for a tenant over all replicas, and again when it is over', async () => {
  const locks = new MemoryLocks();
  const { promise: letGo, resolve: go } = Promise.withResolvers<void>();
  const replica = () =>
    new Verifications({
      ask: async () => {
        await letGo;
        return refused(problem('service.unavailable', { service: 'oauth' }));
      },
      clock: systemClock,
      configuration,
      locks,
      failed: (error) => {
        throw error;
      },
    });
  const [one, other] = [replica(), replica()];
  const first = await one.join(config, origin());
  expect(await other.join(config, origin())).toEqual({ problem: { code: 'verification.running' } });
  go();
  if ('problem' in first) throw new Error('It was not begun.');
  expect(await first.running.whole()).toMatchObject({ overall: 'warn' });
  expect(await other.join(config, origin())).toHaveProperty('running');
});

it('ends without a result when it breaks off, and tells so', async () => {
  const failures: unknown[] = [];
  const broken = new Verifications({
    ask: () => Promise.reject(new Error('broken')),
    clock: systemClock,
    configuration,
    locks: new MemoryLocks(),
    failed: (error) => failures.push(error),
  });
  const joined = await broken.join(config, origin());
  if ('problem' in joined) throw new Error('It was not begun.');
  expect(await joined.running.whole()).toBeNull();
  expect(failures).toHaveLength(1);
});
