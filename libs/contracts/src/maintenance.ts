import { z } from 'zod';
import { command, event, query, type EventOf } from './contract.js';

export const dueWork = z.object({
  tenantId: z.string(),
  /** The provider, or null for work of the whole tenant. */
  providerId: z.string().nullable(),
  /** For work of a single calendar. */
  calendarId: z.string().nullable(),
  /** The command that will be sent, for example `RenewWatch`. */
  command: z.string(),
  dueAt: z.iso.datetime(),
  /** When what it protects is lost, such as a watch that ends; null when nothing is. */
  deadline: z.iso.datetime().nullable(),
  attempts: z.number().int(),
});

export const ListDueWork = query('maintenance', 'ListDueWork', {
  summary: 'What will be asked for and when, earliest first.',
  data: z.object({ providerId: z.string().optional() }),
  answer: z.object({ due: z.array(dueWork) }),
});

const instant = z.iso.datetime();

const tenantResetResult = z.object({
  /** How many were reset. */
  mailboxes: z.number().int(),
  calendars: z.number().int(),
  /** Connected again after the reset was asked for, or gone: left alone. */
  leftAlone: z.array(z.string()),
  /** What Google could not be asked to end. It ends by itself, and nobody listens. */
  leftAtGoogle: z.array(
    z.object({ providerId: z.string(), what: z.enum(['watch', 'channels', 'permission']) }),
  ),
});
export type TenantResetResult = z.infer<typeof tenantResetResult>;

export const tenantReset = z.object({
  status: z.enum(['never', 'running', 'completed']),
  reason: z.string().nullable(),
  requestedAt: instant.nullable(),
  requestedBy: z.string().nullable(),
  completedAt: instant.nullable(),
  result: tenantResetResult.nullable(),
});
export type TenantReset = z.infer<typeof tenantReset>;

export const ResetTenant = command('maintenance', 'ResetTenant', {
  summary:
    'Resets every Google provider of the tenant, one after the other, whatever crashes meanwhile. The Google app stays stored. While one runs, asking again changes nothing.',
  data: z.object({ reason: z.string().min(1).max(500) }),
  answer: tenantReset,
});

export const GetTenantReset = query('maintenance', 'GetTenantReset', {
  summary: 'How far the last reset of the tenant is, and what came of it.',
  data: z.object({}),
  answer: tenantReset,
});

export const tenantResetEvents = {
  TenantResetRequested: event(
    'maintenance',
    'tenantReset',
    'TenantResetRequested',
    z.object({ reason: z.string() }),
    ({ reason }) => `A reset of all Google providers was asked for (${reason}).`,
  ),
  TenantResetCompleted: event(
    'maintenance',
    'tenantReset',
    'TenantResetCompleted',
    tenantResetResult,
    ({ mailboxes, calendars, leftAlone, leftAtGoogle }) =>
      [
        `All Google providers are reset: ${mailboxes} mailbox(es), ${calendars} calendar provider(s).`,
        leftAlone.length > 0 && `${leftAlone.length} left alone.`,
        leftAtGoogle.length > 0 && `${leftAtGoogle.length} thing(s) could not be ended at Google.`,
      ]
        .filter(Boolean)
        .join(' '),
  ),
};
export type TenantResetEvent = EventOf<typeof tenantResetEvents>;
