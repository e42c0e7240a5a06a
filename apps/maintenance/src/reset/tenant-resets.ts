import { GetTenantReset, ResetTenant, type TenantReset } from '#contracts/maintenance';
import { fold } from '#event-sourcing/decider';
import { handleCommand } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { accepted, refused } from '#messaging/envelope';
import { answer, problemOf, type Handler } from '#messaging/handler';
import { tenantResetDecider, type TimedTenantResetEvent } from './tenant-reset.decider.js';

export const resetStream = (tenantId: string): string => streamName('tenantReset', tenantId);

export async function tenantResetOf({ store }: Pick<Means, 'store'>, tenantId: string): Promise<TenantReset> {
  const history = await store.readStream(resetStream(tenantId));
  return fold(tenantResetDecider, history as unknown as TimedTenantResetEvent[]);
}

/** The reset itself follows from the event. */
export const tenantResetHandlers = (means: Pick<Means, 'store' | 'clock'>): Handler[] => [
  answer(ResetTenant, async ({ reason }, origin) => {
    const command = { type: 'ResetTenant' as const, reason };
    const stream = resetStream(origin.tenantId);
    const result = await handleCommand({ ...means, decider: tenantResetDecider }, stream, command, origin);
    return result.ok
      ? accepted(await tenantResetOf(means, origin.tenantId))
      : refused(problemOf(result.rejection));
  }),
  answer(GetTenantReset, async (_data, { tenantId }) => accepted(await tenantResetOf(means, tenantId))),
];
