import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#event-sourcing/event-store';

/** An event of the usual size. */
export const newEvent = (n: number): NewEvent => ({
  type: 'WatchRenewed',
  data: {
    address: 'support@example.com',
    topic: 'projects/p/topics/gmail',
    historyId: '8127364',
    expires: 1_790_000_000,
    n,
  },
  metadata: {
    id: randomUUID(),
    tenantId: 't1',
    correlationId: randomUUID(),
    causationId: randomUUID(),
    at: '2026-03-01T08:00:00.000Z',
    by: 'renewals-due',
  },
});
