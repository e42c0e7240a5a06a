import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { EventStore } from '#event-sourcing/event-store';
import type { KeptEvents } from '#hosting/service';
import { problem, type Problem } from '#problems/problem';
import { guarded, type Route } from '../api/route.js';
import { ofProvider, providerId } from '../providers/provider-requests.js';
import { causeChain, causesOf } from './causes.js';
import { cloudEvent } from './cloud-events.js';
import {
  eventsOfCalendars,
  eventsOfMailbox,
  happening,
  historyOf,
  type EventsOfProvider,
} from './history.js';
import { eventsOfTenant, finding, tenantHappening, tenantHistory } from './tenant-history.js';

export interface HistoryMeans {
  store: EventStore;
  keptEvents: KeptEvents;
  database: DataSource;
}

const instant = z.iso.datetime({
  offset: true,
  error: 'has to be an instant such as 2026-11-23T12:00:00Z',
});

export const historyRoutes = (means: HistoryMeans): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/history',
    permission: 'system_settings:read',
    tag: 'Email providers',
    summary:
      'What happened to a mailbox, newest last: the latest page unless `before` (an offset answered as `earlier`) asks for an earlier one. Removed mailboxes keep theirs',
    params: ofProvider,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z.coerce.number().int().min(0).optional(),
    }),
    answer: z.object({
      history: z.array(happening),
      total: z.number().int(),
      earlier: z
        .number()
        .int()
        .nullable()
        .describe('Give as `before` for the page before; null at the beginning.'),
    }),
    refusals: ['mailbox.not-found'],
    handle: async ({ params: { id }, query: { limit, before } }, { tenantId }) => {
      const all = await historyOf(means.store, tenantId, id);
      if (!all) return { problem: problem('mailbox.not-found', { providerId: id }) };
      const end = Math.min(before ?? all.length, all.length);
      const start = Math.max(0, end - limit);
      return {
        body: { history: all.slice(start, end), total: all.length, earlier: start > 0 ? start : null },
      };
    },
  }),
  causesRoute(means, '/api/email/providers/:id', 'Email providers', eventsOfMailbox, (id) =>
    problem('mailbox.not-found', { providerId: id }),
  ),
  causesRoute(means, '/api/calendar/providers/:id', 'Calendar providers', eventsOfCalendars, (id) =>
    problem('calendar-provider.not-found', { providerId: id }),
  ),
  guarded({
    method: 'GET',
    path: '/api/google/history',
    permission: 'system_settings:read',
    tag: 'Audit',
    summary:
      'What happened to the tenant’s Google app and all of its providers, newest last: the latest page unless `before` (answered as `earlier`) asks for an earlier one',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z.coerce.number().int().min(0).optional(),
      type: z.string().max(100).optional().describe('Such as WatchRenewed.'),
      about: happening.shape.about.optional(),
      by: z.string().max(200).optional().describe('Exactly as the history says it.'),
      providerId: providerId.optional(),
      from: instant.optional().describe('Not before this moment.'),
      until: instant.optional().describe('Before this moment.'),
    }),
    answer: z.object({
      history: z.array(tenantHappening),
      earlier: z
        .number()
        .int()
        .nullable()
        .describe('Give as `before`, with the same filter, for the page before; null at the beginning.'),
    }),
    handle: async ({ query: { limit, before, ...filter } }, { tenantId }) => ({
      body: await tenantHistory(means, tenantId, filter, { limit, before }),
    }),
  }),
  guarded({
    method: 'GET',
    path: '/api/google/history/export',
    permission: 'system_settings:read',
    tag: 'Audit',
    summary:
      'All events of the tenant as they are kept, one CloudEvent 1.0 per line, in the order in which they were stored',
    answer: 'application/x-ndjson',
    handle: (_, { tenantId }) =>
      Promise.resolve({
        status: 200,
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': 'attachment; filename="history.cloudevents.ndjson"',
        },
        content: Readable.from(exportLines(means, tenantId)),
      }),
  }),
];

async function* exportLines(
  { database, keptEvents }: HistoryMeans,
  tenantId: string,
): AsyncGenerator<string> {
  for await (const page of eventsOfTenant({ database, store: keptEvents }, tenantId))
    yield page.map((event) => `${JSON.stringify(cloudEvent(event))}\n`).join('');
}

const causesRoute = (
  means: HistoryMeans,
  provider: string,
  tag: string,
  eventsOf: EventsOfProvider,
  notFound: (providerId: string) => Problem,
): Route =>
  guarded({
    method: 'GET',
    path: `${provider}/history/:eventId/causes`,
    permission: 'system_settings:read',
    tag,
    summary: 'Why something happened: what led to it, back to the person or timer with whom it began',
    params: ofProvider.extend({ eventId: z.uuid('has to be the id of a happening of this history') }),
    answer: causeChain,
    refusals: [notFound('').code, 'request.not-found'],
    handle: async ({ params: { id, eventId } }, { tenantId }) => {
      const events = await eventsOf(means.store, tenantId, id);
      if (!events) return { problem: notFound(id) };
      const event = events.find(({ metadata }) => metadata.id === eventId.toLowerCase());
      if (!event)
        return { problem: problem('request.not-found', { what: 'this happening in this history' }) };
      return { body: await causesOf(event, finding(means, tenantId, events)) };
    },
  });
