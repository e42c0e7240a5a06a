import { Counter, Histogram, Registry } from 'prom-client';

/**
 * What this process counts as it works, one registry for all services in it. Labels are words of ours: no id of a tenant or provider, no address,
 * so that the number of series stays small and nothing about anybody is told.
 */
export const registry = new Registry();

/** Every name of ours begins so. */
export const prefix = 'tenant_google_';

const pushes = new Counter({
  name: `${prefix}pushes_total`,
  help: 'Notifications of Google that came in, by what became of them',
  labelNames: ['product', 'result'] as const,
  registers: [registry],
});

const delivery = new Histogram({
  name: `${prefix}push_to_delivery_seconds`,
  help: 'From the notification that the gateway took to the delivery that JetStream confirmed',
  labelNames: ['product'] as const,
  buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
  registers: [registry],
});

const published = new Counter({
  name: `${prefix}deliveries_total`,
  help: 'Deliveries that JetStream confirmed',
  labelNames: ['service'] as const,
  registers: [registry],
});

const calls = new Histogram({
  name: `${prefix}google_call_seconds`,
  help: 'Calls to Google’s APIs, by how they ended',
  labelNames: ['api', 'result'] as const,
  buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  registers: [registry],
});

const refreshes = new Counter({
  name: `${prefix}refresh_failures_total`,
  help: 'Access tokens that Google refused to give, by the kind of problem',
  labelNames: ['kind'] as const,
  registers: [registry],
});

export type Product = 'gmail' | 'calendar';

/** `refused`: nobody vouched for it. `unusable`: genuine and of no use. `retried`: could not be kept now, so that Google sends it again. */
export type PushResult = 'accepted' | 'refused' | 'unusable' | 'retried';

export const countPush = (product: Product, result: PushResult): void => pushes.inc({ product, result });

/** `product`: the service that delivers is named after it. */
export const measureDelivery = (product: string, milliseconds: number): void =>
  delivery.observe({ product }, Math.max(0, milliseconds) / 1_000);

export const countDeliveries = (service: string, count: number): void => published.inc({ service }, count);

export const countRefreshFailure = (kind: string): void => refreshes.inc({ kind });

export type GoogleApi = 'gmail' | 'calendar' | 'pubsub' | 'token';

/** Puts one question to Google and measures how long the answer took. `statusOf` names the status of a failure; null: there was no answer. */
export async function measureGoogleCall<Answer>(
  api: GoogleApi,
  call: () => Promise<Answer>,
  statusOf: (error: unknown) => { status: number | null; reasons?: string[] },
): Promise<Answer> {
  const begun = performance.now();
  try {
    const answer = await call();
    calls.observe({ api, result: 'ok' }, (performance.now() - begun) / 1_000);
    return answer;
  } catch (error) {
    calls.observe({ api, result: resultOf(statusOf(error)) }, (performance.now() - begun) / 1_000);
    throw error;
  }
}

export function observeGoogleAnswer(api: GoogleApi, status: number | null, begun: number): void {
  const result = status === 200 ? 'ok' : resultOf({ status });
  calls.observe({ api, result }, (performance.now() - begun) / 1_000);
}

const quotaReasons = /rateLimit|quota|dailyLimit|RATE_LIMIT|RESOURCE_EXHAUSTED/i;

function resultOf({ status, reasons = [] }: { status: number | null; reasons?: string[] }): string {
  if (status === null) return 'no-answer';
  if (status >= 500) return 'unavailable';
  if (status === 429 || (status === 403 && reasons.some((reason) => quotaReasons.test(reason))))
    return 'rate-limited';
  if (status === 401) return 'unauthorized';
  if (status === 404 || status === 410) return 'not-found';
  return 'refused';
}
