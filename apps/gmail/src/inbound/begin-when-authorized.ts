import { grantEvents } from '#contracts/oauth';
import { becauseOf } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { gmailFor } from '../gmail-api/mailbox-gmail.js';
import { initialiseCursor } from './cursor.js';
import type { ReadingMeans } from './reading-means.js';
import { mailboxOf, passing } from './sync-when-readable.js';

/**
 * For its owner a mailbox is connected from the permission on, though the first watch may come minutes or, while something
 * of Pub/Sub is to be put right, days later: what arrives in between is read as soon as it is watched.
 */
export const beginWhenAuthorized = (
  means: Pick<ReadingMeans, 'ask' | 'clock' | 'configuration' | 'database'>,
): Reactor =>
  reactor({
    id: 'gmail.begin-when-authorized',
    categories: ['grant'],
    react: reactByType({
      ...passing(grantEvents),
      Authorized: async (event) => {
        if (event.data['product'] !== 'gmail') return 'done';
        const mailbox = mailboxOf(event);
        const gmail = gmailFor(means, mailbox, becauseOf(event, 'gmail.begin-when-authorized'));
        const profile = await gmail.profile();
        if (profile.ok) {
          const { historyId } = profile.value;
          await initialiseCursor(means.database, { ...mailbox, historyId, at: means.clock.now() });
          return 'done';
        }
        const { code } = profile.problem;
        // Otherwise the first watch says where it begins.
        return definitionOf(code).kind === 'transient' ? { retry: code } : 'done';
      },
    }),
  });
