import { z } from 'zod';
import { mailboxFilter } from '#contracts/gmail';
import { hostNames, providerStatus, underHostNames } from '../status/provider-status.js';
import type { ProviderWithStatus } from '../status/read-statuses.js';

const include = mailboxFilter.shape.include.element;
const labels = z.array(z.string().trim().min(1).max(225)).max(50);
const includes = z.array(include).max(4);

/** Ids come from the API and go into stream names and subjects. */
export const providerId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'has to be the id of a provider');
export const ofProvider = z.object({ id: providerId });

/** The answer to a command: the provider shows what came of it as soon as its events are taken in. */
export const acknowledged = z.object({ id: z.string() });
export const acknowledge = ({ providerId: id }: { providerId: string }) => ({ id });

export const newProvider = z.strictObject({
  provider: z.literal('google').default('google'),
  name: z.string().trim().min(1).max(200),
  mailbox: z.email('has to be the address of the mailbox').max(320),
  labels: labels
    .default([])
    .describe('Labels by their names in Gmail; a message needs one of them. Empty: the whole mailbox.'),
  include: includes.default([]).describe('Kinds of messages that are left out unless named.'),
  inboundTicketDefaultsId: z.string().max(200).nullable().default(null),
  autoProcessEmails: z.boolean().default(true),
});

export const changedProvider = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  labels: labels.optional(),
  include: includes.optional(),
  inboundTicketDefaultsId: z.string().max(200).nullable().optional(),
  autoProcessEmails: z.boolean().optional(),
});

export const providerView = z.object({
  id: z.string(),
  provider: z.literal('google'),
  name: z.string(),
  mailbox: z.string(),
  labels: z.array(z.string()),
  include: z.array(include),
  inboundTicketDefaultsId: z.string().nullable(),
  autoProcessEmails: z.boolean(),
  createdAt: z.iso.datetime(),
  ...providerStatus.shape,
  ...hostNames.shape,
});

export const viewOf = ({
  providerId: id,
  mailbox,
  status,
}: ProviderWithStatus): z.infer<typeof providerView> => ({
  id,
  provider: 'google',
  name: mailbox.name,
  mailbox: mailbox.address,
  ...mailbox.filter,
  ...mailbox.defaults,
  createdAt: mailbox.addedAt,
  ...status,
  ...underHostNames(status),
});
