import type { z } from 'zod';
import type { MailboxEvent } from '#contracts/gmail';
import { ForgetGrant } from '#contracts/oauth';
import { AbandonAuthorization, GetForgottenPermission } from '#contracts/oauth-reset';
import type { ResetMailbox } from '#contracts/reset';
import { streamName } from '#event-sourcing/stream-name';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { MailboxId } from '../inbound/cursor.js';
import { listParkedMessages } from '../inbound/parked-messages.js';
import type { ReadingMeans } from '../inbound/reading-means.js';
import { changeMailbox, mailboxStateOf } from '../mailbox/change-mailbox.js';
import { isPresent } from '../mailbox/mailbox-state.js';
import { permissionSince } from '../mailbox/permission.js';
import { isConnectedSince } from '../mailbox/resetting.js';
import { aloneWithWatch } from '../mailbox/watch-handlers.js';
import { forgetReading } from './forget-reading.js';

type Answer = z.infer<typeof ResetMailbox.answer>;

/**
 * First the consents that are on their way, so that none of them connects what is being reset; then the watch, while there is a permission to stop
 * it with; then the permission. Cut off anywhere, asking again goes on, and from the event on everything follows by itself.
 */
export function resetMailbox(
  means: ReadingMeans,
  { providerId, reason, ...data }: z.infer<typeof ResetMailbox.data>,
  origin: Origin,
): Promise<Reply<Answer>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  const { requestedAt = null } = data;
  return aloneWithWatch(means, mailbox, async () => {
    const state = await mailboxStateOf(means, mailbox);
    if (!isPresent(state)) return refused(problem('mailbox.not-found', { providerId }));
    const before = await permissionSince(means, mailbox);
    if (isConnectedSince(state, { grantedAt: before, requestedAt })) return accepted(leftAlone(providerId));

    const abandoned = await means.ask(AbandonAuthorization, { providerId }, origin);
    if (!abandoned.ok) return abandoned;
    const { soughtAt } = abandoned.value;
    const grantedAt = await permissionSince(means, mailbox);
    const parked = (await listParkedMessages(means.database, mailbox)).length;
    const command = { type: 'ResetMailbox' as const, reason, requestedAt, parked, soughtAt, grantedAt };
    const result = await changeMailbox(means, mailbox, command, origin);
    if (!result.ok) return refused(problemOf(result.rejection));

    const last = await lastReset(means, mailbox);
    await forgetReading(means, mailbox, { resetAt: last.at, wait: seconds(3) });
    const forgotten = await means.ask(ForgetGrant, { providerId, reason }, origin);
    if (!forgotten.ok) return forgotten;
    const ended = await means.ask(GetForgottenPermission, { providerId, since: last.at }, origin);
    if (!ended.ok) return ended;
    const { watch, parkedForgotten } = last.data;
    const { permission } = ended.value;
    return accepted({ providerId, outcome: 'reset', resetAt: last.at, watch, parkedForgotten, permission });
  });
}

const leftAlone = (providerId: string): Answer => ({
  providerId,
  outcome: 'connected-since',
  resetAt: null,
  watch: 'none',
  parkedForgotten: 0,
  permission: null,
});

/** From the history, so that it is answered the same however often it is asked for. */
async function lastReset(
  { store }: Pick<ReadingMeans, 'store'>,
  { tenantId, providerId }: MailboxId,
): Promise<{ at: string; data: Extract<MailboxEvent, { type: 'Reset' }>['data'] }> {
  const history = await store.readStream(streamName('mailbox', tenantId, providerId));
  const { metadata, data } = history.findLast(({ type }) => type === 'Reset')!;
  return { at: metadata.at, data: data as Extract<MailboxEvent, { type: 'Reset' }>['data'] };
}
