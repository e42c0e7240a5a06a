import { z } from 'zod';
import { invalidArgument } from './refusals.js';

export const DELETED_TOPIC = '_deleted-topic_';

const duration = z
  .string()
  .regex(/^\d+(\.\d{1,9})?s$/)
  .transform((text) => `${Number(text.slice(0, -1))}s`);
const text = z.record(z.string(), z.string());

const pushConfig = z.object({
  pushEndpoint: z.string().optional(),
  attributes: text.optional(),
  oidcToken: z.object({ serviceAccountEmail: z.string(), audience: z.string().optional() }).optional(),
  noWrapper: z.object({ writeMetadata: z.boolean().optional() }).optional(),
});
export type PushConfig = z.infer<typeof pushConfig>;

/** What a caller may say about a subscription. Fields that the simulator does not know are dropped, as Google drops output-only ones. */
const proposal = z.object({
  topic: z.string().default(''),
  pushConfig: pushConfig.nullish().transform((value) => value ?? {}),
  ackDeadlineSeconds: z.number().int().default(0),
  retainAckedMessages: z.boolean().optional(),
  messageRetentionDuration: duration.default('604800s'),
  labels: text.optional(),
  enableMessageOrdering: z.boolean().optional(),
  // Set without a ttl means never; not set at all means 31 days.
  expirationPolicy: z
    .object({ ttl: duration.optional() })
    .nullish()
    .transform((value) => value ?? { ttl: '2678400s' }),
  filter: z.string().default(''),
  deadLetterPolicy: z
    .object({ deadLetterTopic: z.string(), maxDeliveryAttempts: z.number().int().default(0) })
    .nullish()
    .transform((value) => value ?? undefined),
  retryPolicy: z
    .object({ minimumBackoff: duration.default('10s'), maximumBackoff: duration.default('600s') })
    .nullish()
    .transform((value) => value ?? undefined),
  enableExactlyOnceDelivery: z.boolean().optional(),
  messageTransforms: z.array(z.unknown()).optional(),
});
export type SubscriptionConfig = z.infer<typeof proposal>;

/** A configuration as JSON. */
export const savedConfig = z.codec(z.unknown(), z.custom<SubscriptionConfig>(), {
  decode: (json, context) => {
    const { success, data, error } = proposal.safeParse(json);
    if (success) return data;
    context.issues.push({ code: 'custom', input: json, message: z.prettifyError(error) });
    return z.NEVER;
  },
  encode: (config) => config,
});

const mutable = new Set<string>([
  'pushConfig',
  'ackDeadlineSeconds',
  'retainAckedMessages',
  'messageRetentionDuration',
  'labels',
  'expirationPolicy',
  'deadLetterPolicy',
  'retryPolicy',
  'enableExactlyOnceDelivery',
  'messageTransforms',
] satisfies (keyof SubscriptionConfig)[]);

export interface EndpointRule {
  readonly allowLoopbackPush: boolean;
}

/** Reads a proposed subscription, with Google's defaults filled in. @throws GoogleError 400 */
export function subscriptionConfig(proposed: unknown, rule: EndpointRule): SubscriptionConfig {
  const parsed = proposal.safeParse(proposed ?? {});
  if (!parsed.success)
    throw invalidArgument(`Invalid JSON payload received. ${z.prettifyError(parsed.error)}`);
  const config = { ...parsed.data };
  if (config.ackDeadlineSeconds === 0) config.ackDeadlineSeconds = 10;
  if (config.deadLetterPolicy?.maxDeliveryAttempts === 0) config.deadLetterPolicy.maxDeliveryAttempts = 5;
  within('ackDeadlineSeconds', config.ackDeadlineSeconds, 10, 600);
  within('messageRetentionDuration', secondsIn(config.messageRetentionDuration), 600, 31 * 86_400);
  if (config.expirationPolicy.ttl)
    within('expirationPolicy.ttl', secondsIn(config.expirationPolicy.ttl), 86_400);
  if (config.retryPolicy) {
    within('retryPolicy.minimumBackoff', secondsIn(config.retryPolicy.minimumBackoff), 0, 600);
    within('retryPolicy.maximumBackoff', secondsIn(config.retryPolicy.maximumBackoff), 0, 600);
  }
  if (config.deadLetterPolicy) {
    within('deadLetterPolicy.maxDeliveryAttempts', config.deadLetterPolicy.maxDeliveryAttempts, 5, 100);
  }
  if (config.filter !== '') filterTest(config.filter);
  requireEndpoint(config.pushConfig, rule);
  if (config.enableExactlyOnceDelivery && config.pushConfig.pushEndpoint) {
    throw invalidArgument('Exactly-once delivery is not supported for push subscriptions.');
  }
  return config;
}

/** The configuration after a PATCH. A field in the mask and not in the body goes back to its default. */
export function patchedConfig(
  current: SubscriptionConfig,
  body: { subscription?: unknown; updateMask?: unknown },
  rule: EndpointRule,
): SubscriptionConfig {
  const mask = typeof body.updateMask === 'string' ? body.updateMask.split(',').filter(Boolean) : [];
  if (mask.length === 0) {
    throw invalidArgument(
      'The update_mask in the UpdateSubscriptionRequest must be set, and must contain a non-empty paths list.',
    );
  }
  const proposed = (body.subscription ?? {}) as Record<string, unknown>;
  const next: Record<string, unknown> = { ...current };
  for (const path of mask) {
    const field = path.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    if (!mutable.has(field)) {
      throw invalidArgument(
        field in proposal.shape || field === 'name'
          ? `Invalid update_mask provided in the UpdateSubscriptionRequest: the '${path}' field in the Subscription is not mutable.`
          : `Invalid update_mask provided in the UpdateSubscriptionRequest: '${path}' is not a known Subscription field.`,
      );
    }
    next[field] = proposed[field];
  }
  return subscriptionConfig(next, rule);
}

export function requireEndpoint({ pushEndpoint }: PushConfig, { allowLoopbackPush }: EndpointRule): void {
  if (!pushEndpoint) return;
  const url = URL.parse(pushEndpoint);
  const isLoopback = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (allowLoopbackPush && isLoopback && url?.protocol === 'http:')) return;
  throw invalidArgument(
    `Invalid push endpoint given (endpoint=${pushEndpoint}). Refer to https://cloud.google.com/pubsub/docs/subscriber#create for more information.`,
  );
}

/** Whether messages with these attributes pass. Knows `attributes:key` and `attributes.key = "value"`; others are refused. */
export function filterTest(filter: string): (attributes: Record<string, string>) => boolean {
  if (filter === '') return () => true;
  const [, key, value] = /^attributes(?::|\.)([\w-]+)(?:\s*=\s*"([^"]*)")?$/.exec(filter.trim()) ?? [];
  if (!key) throw invalidArgument(`Invalid filter: ${filter}`);
  return (attributes) => (value === undefined ? key in attributes : attributes[key] === value);
}

export const secondsIn = (text: string): number => Number(text.slice(0, -1));

function within(field: string, value: number, least: number, most = Infinity): void {
  if (value >= least && value <= most) return;
  throw invalidArgument(
    `Invalid value for ${field} (value=${value}): it must be at least ${least}${most < Infinity ? ` and at most ${most}` : ''}.`,
  );
}
