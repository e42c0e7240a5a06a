import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { registerAdmin } from './admin/routes.js';
import { registerCalendar } from './calendar/routes.js';
import { registerCloud } from './cloud/project-routes.js';
import { SimulatorClient } from './client.js';
import { registerGmail } from './gmail/routes.js';
import { answerError } from './google-error.js';
import { registerOAuth } from './oauth/routes.js';
import { registerPubSub } from './pubsub/routes.js';
import { restoreWorld } from './state/state-file.js';
import { StateKeeper } from './state/state-keeper.js';
import { watchTraffic } from './traffic.js';
import { World } from './world.js';

// Gmail takes messages of 35 MB; base64 makes them a third larger.
const BODY_LIMIT = 50 * 1024 * 1024;

export interface Simulator {
  /** Base URL of every Google service on this machine, without a trailing slash. */
  readonly url: string;
  readonly world: World;
  readonly client: SimulatorClient;
  /** Saves the state first, if there is a file for it. @throws StateFileProblem when it cannot be written */
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** A free port unless given. */
  readonly port?: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  readonly world?: World;
  /** Where others reach the simulator, e.g. `https://google.example.com`: shown in discovery and on the home page. */
  readonly publicUrl?: string;
  /** Where the state outlives a restart; created when it is not there. In memory only unless given. */
  readonly stateFile?: string;
}

/** @throws StateFileProblem when there is a state file that cannot be used: it never starts empty instead */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', world = new World(), publicUrl, stateFile } = options;
  if (stateFile !== undefined) await restoreWorld(stateFile, world);
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
  const keeper =
    stateFile === undefined ? undefined : new StateKeeper(stateFile, world, ({ message }) => tell(message));
  if (keeper) {
    app.addHook('onSend', async () => keeper.changed());
    world.pubsub.changes.onChange(() => keeper.changed());
    world.calendar.channels.pusher.changes.onChange(() => keeper.changed());
  }
  watchTraffic(app, world);
  registerOAuth(app, world);
  registerGmail(app, world);
  registerPubSub(app, world);
  registerCalendar(app, world);
  registerCloud(app, world);
  registerAdmin(app, world);
  await app.listen({ port, host });
  const address = app.server.address() as AddressInfo;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  world.url = `http://${reachable}:${address.port}`;
  world.publicUrl = publicUrl?.replace(/\/+$/, '') ?? world.url;
  const close = async () => {
    world.close();
    await app.close();
    await keeper?.close();
  };
  try {
    await keeper?.save();
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  world.pubsub.resume();
  return {
    url: world.url,
    world,
    client: new SimulatorClient(world.url),
    close,
  };
}

function tell(problem: string): void {
  process.stderr.write(`${problem}\n`);
}
