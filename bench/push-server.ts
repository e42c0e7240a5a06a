import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import fastify from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { notificationPublisher } from '#deliveries/notifications';
import { ensureStreams } from '#deliveries/streams';
import { notificationSubject } from '#deliveries/subjects';
import { createLogger } from '#logging/logger';
import { systemClock } from '#time/clock';
import { apiModule } from '../apps/gateway/src/api/api-module.js';
import { HostTokens } from '../apps/gateway/src/auth/host-tokens.js';
import { GoogleCertificates } from '../apps/gateway/src/webhook/google-certificates.js';
import { googlePush } from '../apps/gateway/src/webhook/google-push.js';
import { PushBindings } from '../apps/gateway/src/webhook/push-bindings.js';
import { PushTokens } from '../apps/gateway/src/webhook/push-tokens.js';

/** One of the two servers that push.bench.ts compares, as a process of its own. */
const [kind, natsUrl = ''] = process.argv.slice(2);

const audience = 'https://psa.example.com/api/email/webhooks/google';
const email = 'psa@acme.iam.gserviceaccount.com';

const nats = await connect({ servers: natsUrl });
await ensureStreams(nats, { retentionDays: 1 });
const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const certificates = createServer((_, response) => {
  void exportJWK(publicKey).then((key) => response.end(JSON.stringify({ keys: [{ ...key, kid: 'k1' }] })));
});
await new Promise<void>((resolve) => certificates.listen(0, '127.0.0.1', resolve));
const token = await new SignJWT({ email, email_verified: true })
  .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
  .setIssuer('https://accounts.google.com')
  .setAudience(audience)
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(privateKey);

const url = kind === 'floor' ? await floor() : await gateway();
process.send!({ url, authorization: `Bearer ${token}` });
process.on('disconnect', () => process.exit());

async function floor(): Promise<string> {
  const app = fastify();
  const stream = jetstream(nats);
  app.post('/api/email/webhooks/google', async (_, reply) => {
    const pushedAt = new Date().toISOString();
    const notification = {
      tenantId: 't1',
      emailAddress: 'help@acme.example',
      historyId: '8127364',
      pubsubMessageId: '2070443601311540',
      pushedAt,
    };
    await stream.publish(notificationSubject('t1', 'help@acme.example'), JSON.stringify(notification));
    return reply.status(204).send();
  });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

async function gateway(): Promise<string> {
  const logger = createLogger({ level: 'warn', name: 'gateway' });
  const keysAt = `http://127.0.0.1:${(certificates.address() as AddressInfo).port}`;
  const push = googlePush({
    tokens: new PushTokens(new GoogleCertificates(keysAt, systemClock), systemClock),
    bindings: new PushBindings(
      () => Promise.resolve([{ tenantId: 't1', audience, serviceAccountEmail: email }]),
      systemClock,
    ),
    publish: notificationPublisher(nats),
    clock: systemClock,
    logger,
  });
  const tokens = new HostTokens({ kind: 'shared-secret', secret: 'x'.repeat(32) }, systemClock);
  const http = apiModule({ routes: [], plainRoutes: [push], headers: {}, tokens, logger });
  const app = await NestFactory.create<NestFastifyApplication>(http, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return (await app.getUrl()).replace('localhost', '127.0.0.1');
}
