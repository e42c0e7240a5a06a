import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Check } from '#operating/operator-board';
import { ACTIVITY, DELIVERIES, NOTIFICATIONS, OBJECTS } from './streams.js';

/** Somebody may have deleted a stream since it was made. */
export const streamsExist = (nats: NatsConnection): Check => ({
  find: async () => {
    const manager = await jetstreamManager(nats, { timeout: 2_000 });
    const there = new Set<string>();
    for await (const name of manager.streams.names()) there.add(name);
    const missing = [NOTIFICATIONS, DELIVERIES, ACTIVITY, `OBJ_${OBJECTS}`].filter(
      (name) => !there.has(name),
    );
    return missing.length === 0
      ? null
      : `JetStream has no stream ${missing.join(', ')}: restart one service, which makes it anew.`;
  },
});
