import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { problem } from '#problems/problem';
import type { GmailAccess } from '../gmail-api/gmail-calls.js';
import { gmailFor, type MailboxGmail } from '../gmail-api/mailbox-gmail.js';
import { initialiseCursor } from '../inbound/cursor.js';
import { seconds } from '#time/clock';
import type { MailboxEffect, MailboxOutcome } from './mailbox.decider.js';
import { resolveLabels } from './resolve-labels.js';

type Asking<Kind extends MailboxEffect['ask']> = MailboxEffect & { ask: Kind };
type Failed = MailboxOutcome & { asked: 'failed' };

const failed = (failure: { problem: Failed['problem']; retryAfterMs?: number }): Failed => ({
  asked: 'failed',
  problem: failure.problem,
  ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
});

/** Gmail's part of a mailbox's life. */
export const performAtGmail =
  (
    means: Pick<Means, 'clock' | 'ask' | 'configuration' | 'database'>,
    mailbox: GmailAccess,
    origin: Origin,
  ) =>
  async (effect: MailboxEffect): Promise<MailboxOutcome> => {
    // Whoever ends a connection waits for it, and it ends at Google by itself too.
    const patience = effect.ask === 'stop' ? { signal: AbortSignal.timeout(seconds(8)) } : {};
    const gmail = gmailFor(means, mailbox, origin, patience);
    switch (effect.ask) {
      case 'stop':
        return { asked: 'stop', stopped: (await gmail.stop()).ok };
      case 'resolve-labels': {
        const labels = await gmail.labels();
        if (!labels.ok) return failed(labels);
        const resolved = resolveLabels(effect.labels, labels.value);
        return { asked: 'resolve-labels', unknown: resolved.ok ? [] : resolved.unknown };
      }
      case 'watch': {
        const outcome = await watch(gmail, effect);
        // Before anybody is told of the watch: what a second try after a crash would skip, nobody would miss.
        if (outcome.asked === 'watch')
          await initialiseCursor(means.database, {
            ...mailbox,
            historyId: outcome.historyId,
            at: means.clock.now(),
          });
        return outcome;
      }
    }
  };

async function watch(
  gmail: MailboxGmail,
  { topic, labels, formerTopic }: Asking<'watch'>,
): Promise<MailboxOutcome> {
  const existing = labels.length > 0 ? await gmail.labels() : { ok: true as const, value: [] };
  if (!existing.ok) return failed(existing);
  const resolved = resolveLabels(labels, existing.value);
  if (!resolved.ok)
    return failed({ problem: problem('mailbox.label-unknown', { labels: resolved.unknown.join(', ') }) });

  const { labelIds } = resolved;
  let watching = await gmail.watch({ topic, labelIds });
  if (!watching.ok && watching.problem.code === 'gmail.watch-held-elsewhere' && formerTopic !== null) {
    const stopped = await gmail.stop();
    if (!stopped.ok) return failed(stopped);
    watching = await gmail.watch({ topic, labelIds });
  }
  if (!watching.ok) return failed(watching);
  const { historyId, expiresAt } = watching.value;
  return { asked: 'watch', topic, historyId, expiresAt: expiresAt.toISOString(), labelIds };
}
