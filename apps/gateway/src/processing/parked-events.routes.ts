import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { problem } from '#problems/problem';
import { listParked, retryParked } from '#processors/parked-events';
import { guarded, type Route } from '../api/route.js';

const parkedEvent = z.object({
  id: z.string(),
  processor: z.string(),
  stream: z.string(),
  revision: z.number().int(),
  eventId: z.string(),
  type: z.string(),
  status: z.enum(['retrying', 'parked', 'held']),
  reason: z.string(),
  attempts: z.number().int(),
  since: z.iso.datetime(),
  dueAt: z.iso.datetime().nullable(),
});

const tag = 'Processing';

/** The tenant's events that the gateway's own projections could not take: while one is here, a status may be behind. */
export const parkedEventsRoutes = ({ database }: { database: DataSource }): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/processing/parked',
    permission: 'system_settings:read',
    tag,
    summary: 'Events that the status could not take in, with the reason and the next attempt',
    answer: z.object({ parked: z.array(parkedEvent) }),
    handle: async (_, { tenantId }) => {
      const found = await listParked(database, { tenantId });
      const parked = found.map(({ tenantId: _tenant, since, dueAt, ...rest }) => ({
        ...rest,
        since: since.toISOString(),
        dueAt: dueAt instanceof Date ? dueAt.toISOString() : null,
      }));
      return { body: { parked } };
    },
  }),
  guarded({
    method: 'POST',
    path: '/api/processing/parked/:id/retry',
    permission: 'system_settings:update',
    tag,
    summary: 'Has a parked event, and what waits behind it, tried again now',
    params: z.object({ id: z.uuid() }),
    status: 202,
    answer: z.object({ id: z.string() }),
    refusals: ['parked.not-found'],
    handle: async ({ params: { id } }, { tenantId }) => {
      const own = await listParked(database, { tenantId });
      const found = own.some((parked) => parked.id === id) && (await retryParked(database, id));
      return found ? { status: 202, body: { id } } : { problem: problem('parked.not-found', { id }) };
    },
  }),
];
