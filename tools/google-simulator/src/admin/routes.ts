import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';

export function registerAdmin(_app: FastifyInstance, _world: World): void {}
