import type { World } from '../world.js';

/** The mailboxes. */
export class GmailState {
  constructor(readonly world: World) {}
}
