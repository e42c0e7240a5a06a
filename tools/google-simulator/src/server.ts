import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { registerAdmin } from './admin/routes.js';
import { SimulatorClient } from './client.js';
import { registerGmail } from './gmail/routes.js';
import { answerError } from './google-error.js';
import { registerOAuth } from './oauth/routes.js';
import { registerPubSub } from './pubsub/routes.js';
import { watchTraffic } from './traffic.js';
import { World } from './world.js';

// Gmail takes messages of 35 MB; base64 makes them a third larger.
const BODY_LIMIT = 50 * 1024 * 1024;

export interface Simulator {
  /** Base URL of every Google service, without a trailing slash. */
  readonly url: string;
  readonly world: World;
  readonly client: SimulatorClient;
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** A free port unless given. */
  readonly port?: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  readonly world?: World;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', world = new World() } = options;
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4_096 },
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('text/html; charset=UTF-8')
      .send(
        '<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> That’s an error.',
      ),
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      // Google's clients send the content type without a body too.
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('Invalid JSON payload received.'), { statusCode: 400 }));
    }
  });
  watchTraffic(app, world);
  registerOAuth(app, world);
  registerGmail(app, world);
  registerPubSub(app, world);
  registerAdmin(app, world);
  await app.listen({ port, host });
  const address = app.server.address() as AddressInfo;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  world.url = `http://${reachable}:${address.port}`;
  return {
    url: world.url,
    world,
    client: new SimulatorClient(world.url),
    close: async () => {
      world.close();
      await app.close();
    },
  };
}
