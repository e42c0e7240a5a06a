import { z } from 'zod';
import { bytes, instant, wholeNumber } from '../state/forms.js';
import type { Delivery } from './backlog.js';
import { savedConfig } from './subscription-config.js';

const text = z.record(z.string(), z.string());

const savedPolicy = z.object({
  bindings: z.array(z.object({ role: z.string(), members: z.array(z.string()).readonly() })).readonly(),
  revision: z.number(),
  /** Epoch milliseconds by role and member. */
  grantedAt: z.array(z.tuple([z.string(), z.number()])),
});
export type SavedPolicy = z.output<typeof savedPolicy>;

const savedDelivery = z.object({
  message: z.object({
    messageId: z.string(),
    data: bytes,
    attributes: text,
    orderingKey: z.string().exactOptional(),
    publishedAt: instant,
  }),
  attempts: z.number(),
  availableAt: z.number(),
  state: z.enum(['waiting', 'out', 'held']),
}) satisfies z.ZodType<Delivery>;

const savedBacklog = z.object({ deliveries: z.array(savedDelivery), ackIds: z.number() });
export type SavedBacklog = z.output<typeof savedBacklog>;

const savedTopic = z.object({
  name: z.string(),
  projectId: z.string(),
  labels: text,
  policy: savedPolicy,
});

const savedSubscription = z.object({
  name: z.string(),
  projectId: z.string(),
  config: savedConfig,
  detached: z.boolean(),
  lastActiveAt: z.number(),
  policy: savedPolicy,
  backlog: savedBacklog,
});
export type SavedSubscription = z.output<typeof savedSubscription>;

export const savedResources = z.object({
  topics: z.array(savedTopic),
  subscriptions: z.array(savedSubscription),
  lastMessageId: wholeNumber,
});
