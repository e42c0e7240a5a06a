import { z } from 'zod';
import { query } from './contract.js';

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
