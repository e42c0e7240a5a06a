import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { found, parseBody } from './request-body.js';
import { clockMove, faultSeed } from './schemas.js';

/** Time, faults and the request log. */
export function registerControls(app: FastifyInstance, world: World): void {
  app.get('/simulator/clock', () => ({ now: world.now().toISOString() }));

  app.post('/simulator/clock', (request) => {
    world.clock.advance(parseBody(clockMove, request).advanceMs);
    return { now: world.now().toISOString() };
  });

  app.get('/simulator/faults', () => world.faults.list());
  app.post('/simulator/faults', (request) => world.faults.add(parseBody(faultSeed, request)));
  app.delete('/simulator/faults', () => {
    world.faults.clear();
    return {};
  });
  app.delete<{ Params: { id: string } }>('/simulator/faults/:id', ({ params }) => {
    found(world.faults.remove(params.id) || undefined, 'fault');
    return {};
  });

  app.get('/simulator/requests', () => world.requestLog.list());
  app.delete('/simulator/requests', () => {
    world.requestLog.clear();
    return {};
  });
}
