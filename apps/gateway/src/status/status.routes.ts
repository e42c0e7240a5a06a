import { z } from 'zod';
import type { DataSource } from 'typeorm';
import { GetGoogleAppStatus, googleAppStatus } from '#contracts/oauth';
import type { EventStore } from '#event-sourcing/event-store';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import type { Clock } from '#time/clock';
import { guarded, type Route } from '../api/route.js';
import { ofProvider, providerView, viewOf } from '../providers/provider-requests.js';
import { hostNames, providerStatus, underHostNames } from './provider-status.js';
import { asOf, asOfNow, asOfPast, mailboxStatusAt, momentOf, ofMoment } from './status-at.js';
import { statusesOfTenant, statusOfProvider } from './read-statuses.js';

export interface StatusMeans {
  ask: Ask;
  database: DataSource;
  store: EventStore;
  clock: Clock;
}

export const statusRoutes = ({ ask, database, store, clock }: StatusMeans): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/status',
    permission: 'system_settings:read',
    tag: 'Email providers',
    summary:
      'Whether mail comes in, and if not, why, since when, who must act, and how; with `at` as it was at a past moment',
    params: ofProvider,
    query: ofMoment,
    answer: z.object({
      providerId: z.string(),
      ...providerStatus.shape,
      ...hostNames.shape,
      ...asOf.shape,
    }),
    refusals: ['mailbox.not-found'],
    handle: async ({ params: { id }, query }, { tenantId }) => {
      const now = clock.now();
      const moment = momentOf(query, now);
      if (moment && 'problem' in moment) return moment;
      const status = moment
        ? await mailboxStatusAt(store, tenantId, id, moment.at)
        : ((await statusOfProvider(database, tenantId, id, now))?.status ?? 'absent');
      if (status === 'absent') return { problem: problem('mailbox.not-found', { providerId: id }) };
      if ('notYet' in status) return { problem: status.problem };
      const since = moment ? asOfPast(moment.at) : asOfNow(now);
      return { body: { providerId: id, ...status, ...underHostNames(status), ...since } };
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
