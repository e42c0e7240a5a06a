import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';

export function registerPubSub(_app: FastifyInstance, _world: World): void {}
