import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem, type Problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { GmailAccess } from '../gmail-api/gmail-calls.js';
import { lastSegment } from '../topic/names.js';
import { topicStateOf } from '../topic/provision-topic.js';
import { type Provisioned, provisionedOf } from '../topic/topic.decider.js';
import { changeMailbox, mailboxStateOf } from './change-mailbox.js';
import { isPresent } from './mailbox-state.js';
import { permissionSince } from './permission.js';
import type { WatchCommand } from './watching.js';

/** Racing watches of one mailbox make Gmail refuse both, so one change of a watch happens at a time, over all replicas. */
export async function aloneWithWatch<Answer>(
  means: Pick<Means, 'locks'>,
  { tenantId, providerId }: GmailAccess,
  work: () => Promise<Reply<Answer>>,
): Promise<Reply<Answer>> {
  const alone = await means.locks.exclusively(`watch:${tenantId}:${providerId}`, work, { wait: seconds(20) });
  return alone.acquired ? alone.value : refused(problem('stream.busy'));
}

interface Watching {
  watching: boolean;
  expiresAt: string | null;
  problem: Problem | null;
}

/** Starts or renews the watch. What Gmail refuses is recorded, and so an answer and no refusal. */
export function watchMailbox(
  means: Means,
  type: WatchCommand['type'],
  { providerId, since }: { providerId: string; since?: string | undefined },
  origin: Origin,
): Promise<Reply<Watching>> {
  const { tenantId } = origin;
  const mailbox = { tenantId, providerId };
  return aloneWithWatch(means, mailbox, async () => {
    const grantedAt = await permissionSince(means, mailbox);
    const command: WatchCommand = {
      type,
      grantedAt,
      topic: await topicFor(means, tenantId),
      ...(since !== undefined && { since }),
    };
    const result = await changeMailbox(means, mailbox, command, origin);
    if (!result.ok) return refused(problemOf(result.rejection));
    const state = await mailboxStateOf(means, mailbox);
    if (!isPresent(state)) return refused(problem('mailbox.not-found', { providerId }));
    const expiresAt = state.status === 'watched' ? state.watch.expiresAt : null;
    const watching = expiresAt !== null && Date.parse(expiresAt) > means.clock.now().getTime();
    return accepted({ watching, expiresAt, problem: state.failure?.problem ?? null });
  });
}

/** A topic that could not be looked after lately may still work: only Gmail's own answer counts. */
async function topicFor(means: Means, tenantId: string): Promise<WatchCommand['topic']> {
  const state = await topicStateOf(means, tenantId);
  const name = provisionedOf(state)?.topic;
  if (name) return { name };
  const missingBecause =
    state.status === 'failing'
      ? state.failure.problem
      : problem('pubsub.unavailable', { detail: 'not provisioned yet' });
  return { missingBecause };
}

export async function checkFirstNotification(
  means: Means,
  { providerId }: { providerId: string },
  origin: Origin,
): Promise<Reply<{ proven: boolean }>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  const provisioned = provisionedOf(await topicStateOf(means, origin.tenantId));
  const command = { type: 'CheckFirstNotification' as const, problem: missedBecause(provisioned) };
  const result = await changeMailbox(means, mailbox, command, origin);
  if (!result.ok) return refused(problemOf(result.rejection));
  const state = await mailboxStateOf(means, mailbox);
  return accepted({ proven: state.status === 'watched' && state.proof === 'proven' });
}

export function missedBecause(provisioned: Provisioned | null): Problem {
  if (provisioned === null) return problem('mailbox.no-first-notification');
  const { mode, projectId, subscription, endpoint } = provisioned;
  return mode === 'manual'
    ? problem('pubsub.not-proven', { projectId })
    : problem('mailbox.no-first-notification', {
        projectId,
        subscription: lastSegment(subscription),
        endpoint,
      });
}
