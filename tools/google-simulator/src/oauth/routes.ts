import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';

export function registerOAuth(_app: FastifyInstance, _world: World): void {}
