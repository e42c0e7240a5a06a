import { z } from 'zod';
import type { DataSource } from 'typeorm';
import { GetGoogleAppStatus, googleAppStatus } from '#contracts/oauth';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import type { Clock } from '#time/clock';
import { guarded, type Route } from '../api/route.js';
import { ofProvider, providerView, viewOf } from '../providers/provider-requests.js';
import { hostNames, providerStatus, underHostNames } from './provider-status.js';
import { statusesOfTenant, statusOfProvider } from './read-statuses.js';

export interface StatusMeans {
  ask: Ask;
  database: DataSource;
  clock: Clock;
}

export const statusRoutes = ({ ask, database, clock }: StatusMeans): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/status',
    permission: 'system_settings:read',
    tag: 'Email providers',
    summary: 'Whether mail comes in, and if not, why, since when, who must act, and how',
    params: ofProvider,
    answer: z.object({ providerId: z.string(), ...providerStatus.shape, ...hostNames.shape }),
    refusals: ['mailbox.not-found'],
    handle: async ({ params: { id } }, { tenantId }) => {
      const found = await statusOfProvider(database, tenantId, id, clock.now());
      if (!found) return { problem: problem('mailbox.not-found', { providerId: id }) };
      return { body: { providerId: id, ...found.status, ...underHostNames(found.status) } };
    },
  }),
  guarded({
    method: 'GET',
    path: '/api/google/status',
    permission: 'system_settings:read',
    tag: 'Google setup',
    summary: 'The tenant’s Google app and all of its mailboxes at once',
    answer: z.object({ app: googleAppStatus, providers: z.array(providerView) }),
    refusals: GetGoogleAppStatus.refusals,
    handle: async ({ origin }, { tenantId }) => {
      const [app, providers] = await Promise.all([
        ask(GetGoogleAppStatus, {}, origin),
        statusesOfTenant(database, tenantId, clock.now()),
      ]);
      if (!app.ok) return { problem: app.problem };
      return { body: { app: app.value, providers: providers.map(viewOf) } };
    },
  }),
];
