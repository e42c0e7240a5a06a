import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth2Client } from 'google-auth-library';
import { startSimulator, type Simulator } from '../server.js';
import { TenantClients } from '../tenant-clients.js';
import { forgeries } from './forged-push.js';

const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-push';

describe('a forged push', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let careful: Server;

  /** Believes only what Google's library verifies, and only from the right account. */
  const believes = async (authorization: string | undefined): Promise<boolean> => {
    const verifier = new OAuth2Client({
      endpoints: {
        oauth2FederatedSignonPemCertsUrl: `${google.url}/oauth2/v1/certs`,
        oauth2FederatedSignonJwkCertsUrl: `${google.url}/oauth2/v3/certs`,
      },
    });
    try {
      const idToken = authorization?.replace('Bearer ', '') ?? '';
      const payload = (await verifier.verifyIdToken({ idToken, audience: 'tenant-one' })).getPayload();
      return payload?.email === tenant.project.serviceAccountEmail && payload.email_verified === true;
    } catch {
      return false;
    }
  };

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one' });
    careful = createServer((request, response) => {
      request.resume();
      void believes(request.headers.authorization).then((yes) => response.writeHead(yes ? 204 : 401).end());
    });
    await new Promise<void>((resolve) => careful.listen(0, '127.0.0.1', resolve));
    await tenant.publisher().createTopic({ name: TOPIC });
    await tenant.subscriber().createSubscription({
      name: SUBSCRIPTION,
      topic: TOPIC,
      pushConfig: {
        pushEndpoint: `http://127.0.0.1:${(careful.address() as AddressInfo).port}/push`,
        oidcToken: { serviceAccountEmail: tenant.project.serviceAccountEmail, audience: 'tenant-one' },
      },
    });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
    careful.closeAllConnections();
    await new Promise((resolve) => careful.close(resolve));
  });

  it('is refused by a careful endpoint in each of its forms, while a genuine push is taken', async () => {
    await tenant.publisher().publish({ topic: TOPIC, messages: [{ data: Buffer.from('genuine') }] });
    await google.client.pubsub.settled();
    expect(await google.client.pubsub.pushes()).toMatchObject([{ outcome: 'acked', attempt: 1 }]);
    for (const forgery of forgeries) {
      const answer = await google.client.pubsub.sendForgedPush({ subscription: SUBSCRIPTION, forgery });
      expect({ forgery, status: answer.status }).toEqual({ forgery, status: 401 });
    }
  });
});
