import type { TenantResetEvent } from '#contracts/maintenance';
import { ResetCalendarProvider, ResetMailbox } from '#contracts/reset';
import { handleCommand } from '#event-sourcing/handle-command';
import type { RecordedEvent } from '#event-sourcing/event-store';
import type { Means } from '#hosting/service';
import { becauseOf, type Reply } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { reactByType, reactor, type Reaction, type Reactor } from '#processors/processor';
import { resultOf, type Step } from './result-of.js';
import { tenantResetDecider } from './tenant-reset.decider.js';
import { resetStream, tenantResetOf } from './tenant-resets.js';

type ResetMeans = Pick<Means, 'ask' | 'store' | 'clock' | 'database'>;
type Known = { product: 'gmail' | 'calendar'; providerId: string };

/**
 * One provider after the other. Cut off anywhere it begins again: a provider that is reset already answers what came of it, and one that somebody
 * connected meanwhile is left alone.
 */
export const resetWhenRequested = (means: ResetMeans): Reactor =>
  reactor({
    id: 'maintenance.reset-when-requested',
    categories: ['tenantReset'],
    react: reactByType({
      TenantResetRequested: (event) => resetAll(means, event),
      TenantResetCompleted: 'pass',
    } satisfies Record<TenantResetEvent['type'], Reactor['react'] | 'pass'>),
  });

async function resetAll(means: ResetMeans, event: RecordedEvent): Promise<Reaction> {
  const { tenantId, at: requestedAt, by } = event.metadata;
  const { status, requestedAt: running } = await tenantResetOf(means, tenantId);
  if (status !== 'running' || running !== requestedAt) return 'done';
  const providers = await providersOf(means, event);
  if (providers === null) return { retry: 'The tenant’s providers are not all known yet.' };

  const origin = becauseOf(event, by);
  const { reason } = event.data as Extract<TenantResetEvent, { type: 'TenantResetRequested' }>['data'];
  const steps: Step[] = [];
  for (const { product, providerId } of providers) {
    const data = { providerId, reason, requestedAt };
    const step: Reply<Step> =
      product === 'gmail'
        ? told(await means.ask(ResetMailbox, data, origin), 'gmail')
        : told(await means.ask(ResetCalendarProvider, data, origin), 'calendar');
    if (step.ok) steps.push(step.value);
    else if (definitionOf(step.problem.code).kind === 'transient') return { retry: step.problem.code };
    else steps.push({ product, providerId, outcome: 'gone' });
  }
  const complete = { type: 'CompleteTenantReset' as const, requestedAt, result: resultOf(steps) };
  const { store, clock } = means;
  const decider = tenantResetDecider;
  const completed = await handleCommand({ store, clock, decider }, resetStream(tenantId), complete, origin);
  return completed.ok ? 'done' : { retry: completed.rejection.code };
}

const told = <Answer, Product>(
  reply: Reply<Answer>,
  product: Product,
): Reply<Answer & { product: Product }> =>
  reply.ok ? { ok: true, value: { ...reply.value, product } } : reply;

/** Null while providers may be missing that were there when the reset was asked for. */
async function providersOf(
  { database }: ResetMeans,
  { metadata: { tenantId }, revision }: RecordedEvent,
): Promise<Known[] | null> {
  const seen: unknown[] = await database.query(
    'SELECT FROM seen_tenant_resets WHERE tenant_id = $1 AND revision >= $2',
    [tenantId, revision],
  );
  if (seen.length === 0) return null;
  return database.query(
    `SELECT product, provider_id AS "providerId" FROM known_providers
      WHERE tenant_id = $1 AND present ORDER BY product, provider_id`,
    [tenantId],
  );
}
