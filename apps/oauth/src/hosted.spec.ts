import { GetAccessToken, GetGoogleAppStatus, StoreConfig } from '#contracts/oauth';
import { readConfiguration } from '#configuration/configuration';
import { runService } from '#hosting/run-services';
import { createLogger } from '#logging/logger';
import { openAsking } from '#messaging/ask';
import { beginning } from '#messaging/envelope';
import { createTestDatabase, startTestNats } from '#servers/test-database';
import { systemClock } from '#time/clock';
import { randomBytes } from 'node:crypto';
import { oauth } from './service.js';

it('answers over NATS, on PostgreSQL alone', async () => {
  const [nats, database] = await Promise.all([startTestNats(), createTestDatabase()]);
  const configuration = readConfiguration({
    BASE_URL: 'https://psa.example.com',
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    AUTH_JWT_SECRET: 'a secret of thirty-two characters',
    SECRETS_KEY_RING: `k1:${randomBytes(32).toString('base64')}`,
  });
  const service = await runService(oauth, {
    configuration,
    clock: systemClock,
    logger: (name) => createLogger({ level: 'silent', name }),
    onFailure: (error) => {
      throw error;
    },
  });
  const asking = await openAsking(nats.url, 'spec');
  const origin = beginning('t1', 'user u1');

  expect(await asking.ask(StoreConfig, { projectId: 'acme-psa' }, origin)).toMatchObject({
    ok: true,
    value: { outcome: 'stored', status: { badge: 'needs-setup', projectId: 'acme-psa' } },
  });
  await service.processors.caughtUp();
  expect(await asking.ask(GetGoogleAppStatus, {}, origin)).toMatchObject({
    value: { projectId: 'acme-psa', updatedBy: 'user u1' },
  });
  expect(await asking.ask(GetAccessToken, { providerId: 'p1' }, origin)).toEqual({
    ok: false,
    problem: { code: 'authorization.missing' },
  });

  await asking.close();
  await service.close();
  await nats.stop();
  await database.drop();
});
