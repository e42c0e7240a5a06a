import { z } from 'zod';
import type { EventStore } from '#event-sourcing/event-store';
import { problem } from '#problems/problem';
import { guarded, type Route } from '../api/route.js';
import { ofProvider } from '../providers/provider-requests.js';
import { happening, historyOf } from './history.js';

export const historyRoutes = ({ store }: { store: EventStore }): Route[] => [
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
      const all = await historyOf(store, tenantId, id);
      if (!all) return { problem: problem('mailbox.not-found', { providerId: id }) };
      const end = Math.min(before ?? all.length, all.length);
      const start = Math.max(0, end - limit);
      return {
        body: { history: all.slice(start, end), total: all.length, earlier: start > 0 ? start : null },
      };
    },
  }),
];
