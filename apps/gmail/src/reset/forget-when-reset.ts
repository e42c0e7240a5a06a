import { mailboxEvents } from '#contracts/gmail';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { seconds } from '#time/clock';
import type { ReadingMeans } from '../inbound/reading-means.js';
import { mailboxOf, passing } from '../inbound/sync-when-readable.js';
import { forgetReading } from './forget-reading.js';

/** Whoever reset it has done so already, unless it was being read for long or the process ended. */
export const forgetWhenReset = (means: ReadingMeans): Reactor =>
  reactor({
    id: 'gmail.forget-when-reset',
    categories: ['mailbox'],
    react: reactByType({
      ...passing(mailboxEvents),
      Reset: async (event) => {
        const { at: resetAt } = event.metadata;
        const forgotten = await forgetReading(means, mailboxOf(event), { resetAt, wait: seconds(20) });
        return forgotten ? 'done' : { retry: 'The mailbox is still being read.' };
      },
    }),
  });
