import { grantEvents } from '#contracts/oauth';
import { becauseOf } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { gmailFor } from '../gmail-api/mailbox-gmail.js';
import { mailboxStateOf } from '../mailbox/change-mailbox.js';
import { isConnected, isPresent } from '../mailbox/mailbox-state.js';
import { permissionSince } from '../mailbox/permission.js';
import { initialiseCursor } from './cursor.js';
import type { ReadingMeans } from './reading-means.js';
import { mailboxOf, passing } from './sync-when-readable.js';

/**
 * For its owner a mailbox is connected from the permission on, though the first watch may come minutes or, while something
 * of Pub/Sub is to be put right, days later: what arrives in between is read as soon as it is watched.
 */
export const beginWhenAuthorized = (
  means: Pick<ReadingMeans, 'ask' | 'clock' | 'configuration' | 'database' | 'store'>,
): Reactor =>
  reactor({
    id: 'gmail.begin-when-authorized',
    categories: ['grant'],
    react: reactByType({
      ...passing(grantEvents),
      Authorized: async (event) => {
        if (event.data['product'] !== 'gmail') return 'done';
        const mailbox = mailboxOf(event);
        // Told late, of a permission that is over: where reading begins is for the next one to say.
        const state = await mailboxStateOf(means, mailbox);
        const grantedAt = await permissionSince(means, mailbox);
        if (!isPresent(state) || !isConnected(state, { grantedAt })) return 'done';
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
