import type { z } from 'zod';
import type { DiagnoseMailbox } from '#contracts/diagnosis';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { gmailFor } from '../gmail-api/mailbox-gmail.js';
import { activityOf } from '../inbound/activity.js';
import { mailboxStateOf } from '../mailbox/change-mailbox.js';
import { isConnected, isPresent } from '../mailbox/mailbox-state.js';
import { permissionSince } from '../mailbox/permission.js';
import { missedBecause } from '../mailbox/watch-handlers.js';
import { topicStateOf } from '../topic/provision-topic.js';
import { provisionedOf } from '../topic/topic.decider.js';
import { gmailFindings, recordedFindings } from './mailbox-verdicts.js';

/** Below what the gateway waits, so that a slow Gmail is named as such. */
const patience = seconds(7);

/** Reads address and labels of a mailbox, and what is recorded of it. Asks Gmail for nothing that would change a watch. */
export async function diagnoseMailbox(
  means: Pick<Means, 'ask' | 'clock' | 'configuration' | 'database' | 'store'>,
  { providerId, askGoogle }: z.infer<(typeof DiagnoseMailbox)['data']>,
  origin: Origin,
): Promise<Reply<z.infer<(typeof DiagnoseMailbox)['answer']>>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  const [state, grantedAt, topic, activity] = await Promise.all([
    mailboxStateOf(means, mailbox),
    permissionSince(means, mailbox),
    topicStateOf(means, mailbox.tenantId),
    activityOf(means.database, mailbox),
  ]);
  if (!isPresent(state)) return refused(problem('mailbox.not-found', { providerId }));
  const recorded = recordedFindings(
    {
      state,
      grantedAt,
      missedBecause: missedBecause(provisionedOf(topic)),
      parked: activity.parked,
      lastPushAt: activity.lastPushAt,
      lastSyncAt: activity.lastSyncAt,
      syncProblem: state.syncFailing === null ? null : problem(state.syncFailing),
    },
    means.clock.now(),
  );
  if (!askGoogle || !isConnected(state, { grantedAt })) return accepted({ findings: recorded });
  const gmail = gmailFor(means, mailbox, origin, { signal: AbortSignal.timeout(patience) });
  const profile = await gmail.profile();
  const labels = profile.ok ? await gmail.labels() : profile;
  return accepted({ findings: [...gmailFindings(state, { profile, labels }), ...recorded] });
}
