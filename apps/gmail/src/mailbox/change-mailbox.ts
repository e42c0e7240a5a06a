import type { MailboxEvent } from '#contracts/gmail';
import { fold } from '#event-sourcing/decider';
import { type CommandResult, handleCommand } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import type { GmailAccess } from '../gmail-api/gmail-calls.js';
import { performAtGmail } from './at-gmail.js';
import { type MailboxCommand, mailboxDecider } from './mailbox.decider.js';
import type { MailboxState, TimedMailboxEvent } from './mailbox-state.js';

/** One change of one mailbox, recorded in its stream. */
export async function changeMailbox(
  means: Pick<Means, 'store' | 'clock' | 'ask' | 'configuration' | 'database'>,
  mailbox: GmailAccess,
  command: MailboxCommand,
  origin: Origin,
): Promise<CommandResult<MailboxEvent>> {
  const { store, clock } = means;
  const { tenantId, providerId } = mailbox;
  const result = await handleCommand(
    { store, clock, decider: mailboxDecider, perform: performAtGmail(means, mailbox, origin) },
    streamName('mailbox', tenantId, providerId),
    command,
    origin,
  );
  return result.ok ? result : { ok: false, rejection: { ...result.rejection, providerId } };
}

/** From its history, and so as new as the last answered command. */
export async function mailboxStateOf(
  { store }: Pick<Means, 'store'>,
  { tenantId, providerId }: GmailAccess,
): Promise<MailboxState> {
  const history = await store.readStream(streamName('mailbox', tenantId, providerId));
  return fold(mailboxDecider, history as unknown as TimedMailboxEvent[]);
}
