import { mailboxEvents } from '#contracts/gmail';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { seconds } from '#time/clock';
import { lockOf } from './mailbox-turns.js';
import type { ReadingMeans } from './reading-means.js';
import { mailboxOf, passing } from './sync-when-readable.js';
import { openMailbox } from './take-turn.js';

const tables = [
  'mailbox_cursors',
  'seen_messages',
  'wanted_syncs',
  'parked_messages',
  'mailbox_activities',
  'unannounced_arrivals',
];

/** Of a mailbox that was removed nothing is kept but its history. What is in the outbox still goes out. */
export const forgetWhenRemoved = (means: ReadingMeans): Reactor =>
  reactor({
    id: 'gmail.forget-when-removed',
    categories: ['mailbox'],
    react: reactByType({
      ...passing(mailboxEvents),
      Removed: async (event) => {
        const id = mailboxOf(event);
        const forget = async (): Promise<void> => {
          // Added again meanwhile: what is there is the new one's.
          if ((await openMailbox(means, id)).state.status !== 'absent') return;
          await means.database.transaction(async (manager) => {
            for (const table of tables)
              await manager.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND provider_id = $2`, [
                id.tenantId,
                id.providerId,
              ]);
          });
        };
        const turn = await means.locks.exclusively(lockOf(id), forget, { wait: seconds(20) });
        return turn.acquired ? 'done' : { retry: 'The mailbox is still being read.' };
      },
    }),
  });
