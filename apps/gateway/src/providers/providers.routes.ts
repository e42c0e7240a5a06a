import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { AddMailbox, AlterMailbox, GetMailbox, RemoveMailbox } from '#contracts/gmail';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import type { Clock } from '#time/clock';
import { guarded, relay, type Route } from '../api/route.js';
import { statusesOfTenant, statusOfProvider } from '../status/read-statuses.js';
import {
  acknowledge,
  acknowledged,
  changedProvider,
  newProvider,
  ofProvider,
  providerView,
  viewOf,
} from './provider-requests.js';

export interface ProvidersMeans {
  ask: Ask;
  database: DataSource;
  clock: Clock;
}

const tag = 'Email providers';

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
];
