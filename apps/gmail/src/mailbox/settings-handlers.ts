import type { z } from 'zod';
import type * as contracts from '#contracts/gmail';
import { GetGoogleAppStatus, StartAuthorization } from '#contracts/oauth';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { problem } from '#problems/problem';
import { withAddressReserved, releaseAddress } from './addresses.js';
import { changeMailbox, mailboxStateOf } from './change-mailbox.js';
import type { MailboxCommand } from './mailbox.decider.js';
import { isPresent } from './mailbox-state.js';
import { permissionSince } from './permission.js';
import { aloneWithWatch } from './watch-handlers.js';

type DataOf<Name extends keyof typeof contracts> = (typeof contracts)[Name] extends {
  data: z.ZodType<infer Data>;
}
  ? Data
  : never;
type AnswerOf<Name extends keyof typeof contracts> = (typeof contracts)[Name] extends {
  answer: z.ZodType<infer Answer>;
}
  ? Answer
  : never;
type Acknowledged = { providerId: string };

export const distinct = (filter: contracts.MailboxFilter): contracts.MailboxFilter => ({
  labels: [...new Set(filter.labels.map((label) => label.trim()).filter(Boolean))],
  include: [...new Set(filter.include)],
});

export async function addMailbox(
  means: Means,
  data: DataOf<'AddMailbox'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const { providerId, name, address, defaults } = data;
  const app = await means.ask(GetGoogleAppStatus, {}, origin);
  if (!app.ok) return app;
  const { configured, missing } = app.value.gmail;
  if (!configured) return refused(problem('google-app.incomplete', { missing: missing.join(', ') }));
  const mailbox = { tenantId: origin.tenantId, providerId };
  return withAddressReserved(means, mailbox, address, async () => {
    const command: MailboxCommand = {
      type: 'AddMailbox',
      name,
      address,
      filter: distinct(data.filter),
      defaults,
    };
    return replyTo(await changeMailbox(means, mailbox, command, origin), { providerId });
  });
}

export async function alterMailbox(
  means: Means,
  data: DataOf<'AlterMailbox'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const { providerId, name, filter, defaults } = data;
  const mailbox = { tenantId: origin.tenantId, providerId };
  const command: MailboxCommand = {
    type: 'AlterMailbox',
    ...(name !== undefined && { name }),
    ...(filter && { filter: distinct(filter) }),
    ...(defaults && { defaults }),
    grantedAt: await permissionSince(means, mailbox),
  };
  return replyTo(await changeMailbox(means, mailbox, command, origin), { providerId });
}

/** The consent itself, and what follows from it, is oauth's; its `Authorized` brings the mailbox to life. */
export async function connectMailbox(
  means: Means,
  { providerId, userId, openerOrigin }: DataOf<'ConnectMailbox'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'ConnectMailbox'>>> {
  const state = await mailboxStateOf(means, { tenantId: origin.tenantId, providerId });
  if (!isPresent(state)) return refused(problem('mailbox.not-found', { providerId }));
  const expectedAccount = state.settings.address;
  return means.ask(
    StartAuthorization,
    { providerId, product: 'gmail', expectedAccount, userId, openerOrigin },
    origin,
  );
}

export async function pauseMailbox(
  means: Means,
  { providerId, reason }: DataOf<'PauseMailbox'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  return replyTo(await changeMailbox(means, mailbox, { type: 'PauseMailbox', reason }, origin), {
    providerId,
  });
}

export async function resumeMailbox(
  means: Means,
  { providerId }: DataOf<'ResumeMailbox'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  return replyTo(await changeMailbox(means, mailbox, { type: 'ResumeMailbox' }, origin), { providerId });
}

/** Stops the watch; that oauth forgets the permission follows from the event, however often it has to be asked. */
export async function endMailbox(
  means: Means,
  type: 'DisconnectMailbox' | 'RemoveMailbox',
  { providerId, reason }: DataOf<'RemoveMailbox'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const mailbox = { tenantId: origin.tenantId, providerId };
  return aloneWithWatch(means, mailbox, async () => {
    const grantedAt = await permissionSince(means, mailbox);
    const result = await changeMailbox(means, mailbox, { type, reason, grantedAt }, origin);
    if (result.ok && type === 'RemoveMailbox') await releaseAddress(means.database, mailbox);
    return replyTo(result, { providerId });
  });
}

export async function getMailbox(
  means: Means,
  { providerId }: DataOf<'GetMailbox'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'GetMailbox'>>> {
  const state = await mailboxStateOf(means, { tenantId: origin.tenantId, providerId });
  return isPresent(state)
    ? accepted({ providerId, ...state.settings, paused: state.paused !== null })
    : refused(problem('mailbox.not-found', { providerId }));
}
