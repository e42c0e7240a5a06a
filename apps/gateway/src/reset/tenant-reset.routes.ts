import { GetTenantReset, ResetTenant, tenantReset } from '#contracts/maintenance';
import type { Ask } from '#messaging/ask';
import { guarded, relay, type Route } from '../api/route.js';
import { resetRequest } from './reset-requests.js';

const tag = 'Google setup';

/** The reset of all that a tenant has connected. */
export const tenantResetRoutes = ({ ask }: { ask: Ask }): Route[] => [
  guarded({
    method: 'POST',
    path: '/api/google/reset',
    permission: 'system_settings:update',
    tag,
    summary:
      'Resets every Google provider of the tenant, one after the other. Answers at once; the same address tells how far it is. The Google app stays stored',
    body: resetRequest,
    status: 202,
    answer: tenantReset,
    refusals: ResetTenant.refusals,
    handle: async ({ body, origin }) => {
      const reply = await ask(ResetTenant, body, origin);
      return reply.ok ? { status: 202, body: reply.value } : { problem: reply.problem };
    },
  }),
  guarded({
    method: 'GET',
    path: '/api/google/reset',
    permission: 'system_settings:read',
    tag,
    summary: 'How far the last reset of the tenant is, and what Google could not be asked to end',
    answer: tenantReset,
    refusals: GetTenantReset.refusals,
    handle: async ({ origin }) => relay(await ask(GetTenantReset, {}, origin)),
  }),
];
