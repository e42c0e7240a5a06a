import type { World } from '../world.js';

/** Topics and subscriptions. */
export class PubSubState {
  constructor(readonly world: World) {}
}
