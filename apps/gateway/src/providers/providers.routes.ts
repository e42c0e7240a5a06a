import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import {
  AddMailbox,
  AlterMailbox,
  DisconnectMailbox,
  GetMailbox,
  ListParkedMessages,
  PauseMailbox,
  RemoveMailbox,
  RenewWatch,
  ResumeMailbox,
  RetryParkedMessage,
} from '#contracts/gmail';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import type { Clock } from '#time/clock';
import { guarded, relay, type Route } from '../api/route.js';
import { statusesOfTenant, statusOfProvider } from '../status/read-statuses.js';
import {
  changedProvider,
  newProvider,
  ofProvider,
  providerId,
  providerView,
  viewOf,
} from './provider-requests.js';

export interface ProvidersMeans {
  ask: Ask;
  database: DataSource;
  clock: Clock;
}

const tag = 'Email providers';
const acknowledged = z.object({ id: z.string() });
const acknowledge = ({ providerId: id }: { providerId: string }) => ({ id });

export const providersRoutes = ({ ask, database, clock }: ProvidersMeans): Route[] => [
  guarded({
    method: 'POST',
    path: '/api/email/providers',
    permission: 'system_settings:create',
    tag,
    summary: 'Adds a mailbox, disconnected. 409 while the Google setup is incomplete',
    status: 201,
    body: newProvider,
    answer: acknowledged,
    refusals: AddMailbox.refusals,
    handle: async ({ body, origin }) => {
      const { name, mailbox: address, labels, include, inboundTicketDefaultsId, autoProcessEmails } = body;
      const data = {
        providerId: randomUUID(),
        name,
        address,
        filter: { labels, include },
        defaults: { inboundTicketDefaultsId, autoProcessEmails },
      };
      const reply = await ask(AddMailbox, data, origin);
      return reply.ok ? { status: 201, body: acknowledge(reply.value) } : { problem: reply.problem };
    },
  }),
  guarded({
    method: 'GET',
    path: '/api/email/providers',
    permission: 'system_settings:read',
    tag,
    summary: 'All mailboxes of the tenant, each with its status',
    answer: z.object({ providers: z.array(providerView) }),
    handle: async (_, { tenantId }) => {
      const found = await statusesOfTenant(database, tenantId, clock.now());
      return { body: { providers: found.map(viewOf) } };
    },
  }),
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id',
    permission: 'system_settings:read',
    tag,
    summary: 'A mailbox with its status',
    params: ofProvider,
    answer: providerView,
    refusals: ['mailbox.not-found'],
    handle: async ({ params: { id } }, { tenantId }) => {
      const found = await statusOfProvider(database, tenantId, id, clock.now());
      return found ? { body: viewOf(found) } : { problem: problem('mailbox.not-found', { providerId: id }) };
    },
  }),
  guarded({
    method: 'PATCH',
    path: '/api/email/providers/:id',
    permission: 'system_settings:update',
    tag,
    summary: 'Changes the name, the label filter or the defaults; what is left out stays',
    params: ofProvider,
    body: changedProvider,
    answer: acknowledged,
    refusals: AlterMailbox.refusals,
    handle: async ({ params, body, origin }) => {
      const current = await ask(GetMailbox, { providerId: params.id }, origin);
      if (!current.ok) return { problem: current.problem };
      const { name, labels, include, inboundTicketDefaultsId, autoProcessEmails } = body;
      const { filter, defaults } = current.value;
      const altersFilter = labels !== undefined || include !== undefined;
      const altersDefaults = inboundTicketDefaultsId !== undefined || autoProcessEmails !== undefined;
      const data = {
        providerId: params.id,
        ...(name === undefined ? {} : { name }),
        ...(altersFilter
          ? { filter: { labels: labels ?? filter.labels, include: include ?? filter.include } }
          : {}),
        ...(altersDefaults
          ? {
              defaults: {
                inboundTicketDefaultsId:
                  inboundTicketDefaultsId === undefined
                    ? defaults.inboundTicketDefaultsId
                    : inboundTicketDefaultsId,
                autoProcessEmails: autoProcessEmails ?? defaults.autoProcessEmails,
              },
            }
          : {}),
      };
      return relay(await ask(AlterMailbox, data, origin), acknowledge);
    },
  }),
  guarded({
    method: 'DELETE',
    path: '/api/email/providers/:id',
    permission: 'system_settings:update',
    tag,
    summary: 'Disconnects and removes a mailbox; its history stays',
    params: ofProvider,
    answer: acknowledged,
    refusals: RemoveMailbox.refusals,
    handle: async ({ params: { id }, origin }, { userId }) =>
      relay(
        await ask(RemoveMailbox, { providerId: id, reason: `removed by ${userId}` }, origin),
        acknowledge,
      ),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/pause',
    permission: 'system_settings:update',
    tag,
    summary: 'Reads nothing more until resumed; nothing is lost meanwhile',
    params: ofProvider,
    body: z.strictObject({
      reason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']).default('manual'),
    }),
    answer: acknowledged,
    refusals: PauseMailbox.refusals,
    handle: async ({ params: { id }, body, origin }) =>
      relay(await ask(PauseMailbox, { providerId: id, reason: body.reason }, origin), acknowledge),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/resume',
    permission: 'system_settings:update',
    tag,
    summary: 'Reads on from where the pause began',
    params: ofProvider,
    answer: acknowledged,
    refusals: ResumeMailbox.refusals,
    handle: async ({ params: { id }, origin }) =>
      relay(await ask(ResumeMailbox, { providerId: id }, origin), acknowledge),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/disconnect',
    permission: 'system_settings:update',
    tag,
    summary: 'Stops the watch and forgets the permission; the provider stays',
    params: ofProvider,
    answer: acknowledged,
    refusals: DisconnectMailbox.refusals,
    handle: async ({ params: { id }, origin }, { userId }) =>
      relay(
        await ask(DisconnectMailbox, { providerId: id, reason: `disconnected by ${userId}` }, origin),
        acknowledge,
      ),
  }),
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/parked-messages',
    permission: 'system_settings:read',
    tag,
    summary: 'Messages that could not be processed, with the reason and the next attempt',
    params: ofProvider,
    answer: ListParkedMessages.answer,
    refusals: ListParkedMessages.refusals,
    handle: async ({ params: { id }, origin }) =>
      relay(await ask(ListParkedMessages, { providerId: id }, origin)),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/parked-messages/:gmailId/retry',
    permission: 'system_settings:update',
    tag,
    summary: 'Processes a parked message now',
    params: z.object({ id: providerId, gmailId: z.string().regex(/^[\w-]{1,64}$/) }),
    answer: RetryParkedMessage.answer,
    refusals: RetryParkedMessage.refusals,
    handle: async ({ params: { id, gmailId }, origin }) =>
      relay(await ask(RetryParkedMessage, { providerId: id, gmailId }, origin)),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/refresh-watch',
    permission: 'system_settings:update',
    tag,
    summary: 'Renews the watch of a mailbox now, as the host’s button does',
    body: z.strictObject({ providerId }),
    answer: z.object({
      success: z.literal(true),
      watching: z.literal(true),
      expiresAt: z.string().nullable(),
    }),
    refusals: RenewWatch.refusals,
    handle: async ({ body, origin }) => {
      const reply = await ask(RenewWatch, body, origin);
      if (!reply.ok) return { problem: reply.problem };
      const { watching, expiresAt, problem: why } = reply.value;
      if (!watching) return { problem: why ?? problem('mailbox.not-connected') };
      return { body: { success: true, watching, expiresAt } };
    },
  }),
];
