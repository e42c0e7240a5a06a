import { z } from 'zod';
import { ListAuditTrail, trailFilter, trailPage } from '#contracts/audit-trail';
import type { Ask } from '#messaging/ask';
import { guarded, relay, type Route } from '../api/route.js';
import { providerId } from '../providers/provider-requests.js';

const instant = z.iso
  .datetime({ offset: true, error: 'has to be an instant such as 2026-11-23T12:00:00Z' })
  .transform((text) => new Date(text).toISOString());

export const auditTrailRoutes = ({ ask }: { ask: Ask }): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/google/audit-trail',
    permission: 'system_settings:read',
    tag: 'Audit',
    summary:
      'Which access tokens were given to which service, which refreshes failed and which secrets were read, newest last, as far back as AUDIT_RETENTION_DAYS reaches',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z.coerce.number().int().min(0).optional(),
      kind: trailFilter.shape.kind,
      providerId: providerId.optional(),
      by: z.string().max(200).optional().describe('Exactly as the trail says it.'),
      from: instant.optional().describe('Not before this moment.'),
      until: instant.optional().describe('Before this moment.'),
    }),
    answer: trailPage,
    refusals: ListAuditTrail.refusals,
    handle: async ({ query, origin }) => relay(await ask(ListAuditTrail, query, origin)),
  }),
];
