import { z } from 'zod';
import { readConfiguration, type Configuration } from '#configuration/configuration';
import { createLogger } from '#logging/logger';
import { accepted, beginning } from '#messaging/envelope';
import { answer, type Handler } from '#messaging/handler';
import { ListDueWork } from '#contracts/maintenance';
import { requestsOf } from '#contracts/registry';
import { openAsking } from '#messaging/ask';
import { createTestDatabase, startTestNats, type TestDatabase, type TestNats } from '#servers/test-database';
import { MovableClock } from '#time/clock';
import { runServices, type RunningService } from './run-services.js';
import type { Composition, ServiceDefinition } from './service.js';

let database: TestDatabase;
let nats: TestNats;
let configuration: Configuration;
let running: RunningService[] = [];

beforeAll(async () => {
  [database, nats] = await Promise.all([createTestDatabase(), startTestNats()]);
  configuration = readConfiguration({
    BASE_URL: 'https://psa.example.com',
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    AUTH_JWT_SECRET: 'x'.repeat(32),
    SECRETS_KEY_RING: `k1:${Buffer.alloc(32).toString('base64')}`,
  });
});
afterEach(async () => {
  await Promise.all(running.map((service) => service.close()));
  running = [];
});
afterAll(async () => {
  await nats.stop();
  await database.drop();
});

/** What the service also has to answer, and nobody asks here. */
const others: Handler[] = requestsOf('maintenance')
  .filter(({ type }) => type !== ListDueWork.type)
  .map((contract) => answer(contract, () => Promise.reject(new Error('nobody asks this here'))));

const service = (composition: Partial<Composition>): ServiceDefinition => ({
  name: 'maintenance',
  entities: [],
  migrations: [],
  mayUseSecrets: false,
  compose: () => Promise.resolve({ handlers: [], processors: [], workers: [], ...composition }),
});

const run = async (definition: ServiceDefinition, onFailure = (_: Error): void => {}): Promise<void> => {
  running = await runServices([definition], {
    configuration,
    clock: new MovableClock(),
    logger: (name) => createLogger({ level: 'silent', name }),
    onFailure,
  });
};

it('answers its requests over NATS, and checks what comes in', async () => {
  await run(
    service({
      handlers: [
        ...others,
        answer(ListDueWork, ({ providerId }, { tenantId }) =>
          Promise.resolve(
            accepted({
              due: [
                {
                  tenantId,
                  providerId: providerId ?? null,
                  command: 'RenewWatch',
                  dueAt: '2026-11-23T00:00:00.000Z',
                  attempts: 0,
                },
              ],
            }),
          ),
        ),
      ],
    }),
  );
  const { ask, close } = await openAsking(nats.url, 'spec');
  const reply = await ask(ListDueWork, { providerId: 'p1' }, beginning('t1', 'spec'));
  expect(reply).toMatchObject({ ok: true, value: { due: [{ tenantId: 't1', providerId: 'p1' }] } });
  const malformed = await ask(ListDueWork, { providerId: 7 as unknown as string }, beginning('t1', 'spec'));
  expect(malformed).toMatchObject({ ok: false, problem: { code: 'request.invalid' } });
  await close();
});

it('answers that the service failed when a handler throws, without its words', async () => {
  await run(
    service({ handlers: [...others, answer(ListDueWork, () => Promise.reject(new Error('canary')))] }),
  );
  const { ask, close } = await openAsking(nats.url, 'spec');
  const reply = await ask(ListDueWork, {}, beginning('t1', 'spec'));
  expect(reply).toMatchObject({
    ok: false,
    problem: { code: 'service.failed', params: { service: 'maintenance' } },
  });
  expect(JSON.stringify(reply)).not.toContain('canary');
  await close();
});

it('says service.unavailable when nobody answers', async () => {
  const { ask, close } = await openAsking(nats.url, 'spec');
  const reply = await ask(ListDueWork, {}, beginning('t1', 'spec'));
  expect(reply).toEqual({
    ok: false,
    problem: { code: 'service.unavailable', params: { service: 'maintenance' } },
  });
  await close();
});

it('does not start with a request unhandled, or handled twice', async () => {
  await expect(run(service({ handlers: others }))).rejects.toThrow('missing [ListDueWork]');
  const handler = answer(ListDueWork, () => Promise.resolve(accepted({ due: [] })));
  await expect(run(service({ handlers: [...others, handler, handler] }))).rejects.toThrow(
    'not its own or twice [ListDueWork]',
  );
  const foreign = answer({ ...ListDueWork, type: 'Foreign', data: z.object({}) }, () =>
    Promise.resolve(accepted({ due: [] })),
  );
  await expect(run(service({ handlers: [...others, handler, foreign] }))).rejects.toThrow(
    'not its own or twice [Foreign]',
  );
});

it('tells when a worker ends with an error', async () => {
  const handlers = [...others, answer(ListDueWork, () => Promise.resolve(accepted({ due: [] })))];
  const failed = new Promise<Error>((resolve, reject) => {
    run(
      service({
        handlers,
        workers: [{ name: 'sender', run: () => Promise.reject(new Error('the wire broke')) }],
      }),
      resolve,
    ).catch(reject);
  });
  expect((await failed).message).toBe('the wire broke');
});
