import { mailboxEvents } from '#contracts/gmail';
import { grantEvents } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { reactByType, reactor, type Reaction, type Reactor } from '#processors/processor';
import type { MailboxId } from './cursor.js';
import type { WantedSyncs } from './wanted-syncs.js';

export const mailboxOf = ({ stream }: RecordedEvent): MailboxId => {
  const { tenantId, id } = parseStreamName(stream);
  return { tenantId, providerId: id! };
};

export const passing = (contracts: Record<string, unknown>): Record<string, 'pass'> =>
  Object.fromEntries(Object.keys(contracts).map((type) => [type, 'pass']));

interface Wants {
  wanted: WantedSyncs;
}

const sync =
  ({ wanted }: Wants): Reactor['react'] =>
  async (event): Promise<Reaction> => {
    await wanted.ask(mailboxOf(event));
    return 'done';
  };

/** What came between the watch and its first notification, during a pause, or while a filter could not be read. */
export const syncWhenReadable = (means: Wants): Reactor =>
  reactor({
    id: 'gmail.sync-when-readable',
    categories: ['mailbox'],
    react: reactByType({
      ...passing(mailboxEvents),
      WatchStarted: sync(means),
      Resumed: sync(means),
      FilterSet: sync(means),
    }),
  });

/** A permission that came back: the cursor stands where the reading had to stop. */
export const syncWhenAuthorized = (means: Wants): Reactor =>
  reactor({
    id: 'gmail.sync-when-authorized',
    categories: ['grant'],
    react: reactByType({
      ...passing(grantEvents),
      Authorized: async (event) => (event.data['product'] === 'gmail' ? sync(means)(event) : 'done'),
    }),
  });
