import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Imported, ImportMailbox } from '#contracts/cutover';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem } from '#problems/problem';
import { addressHolder, withAddressReserved } from '../mailbox/addresses.js';
import { changeMailbox, mailboxStateOf } from '../mailbox/change-mailbox.js';
import { isPresent, type Settings } from '../mailbox/mailbox-state.js';
import { distinct } from '../mailbox/settings-handlers.js';

type Wanted = z.infer<typeof ImportMailbox.data>;

/** A provider that is here already stays as it is: the tenant may have changed it since. */
export async function importMailbox(means: Means, data: Wanted, origin: Origin): Promise<Reply<Imported>> {
  const { providerId, address, dryRun } = data;
  const mailbox = { tenantId: origin.tenantId, providerId };
  const wanted = { ...data, filter: distinct(data.filter) };
  const state = await mailboxStateOf(means, mailbox);
  if (state.status === 'removed') return accepted({ outcome: 'removed', differences: [] });
  if (isPresent(state))
    return accepted({ outcome: 'exists', differences: differencesOf(state.settings, wanted) });
  const created = accepted<Imported>({ outcome: 'created', differences: [] });
  if (dryRun) {
    const holder = await addressHolder(means, mailbox, address.toLowerCase());
    return holder ? refused(problem('mailbox.address-taken', { address, name: holder.name })) : created;
  }
  return withAddressReserved(means, mailbox, address, async () => {
    const { name, filter, defaults, importedFrom, paused } = wanted;
    const command = { type: 'ImportMailbox' as const, name, address, filter, defaults, importedFrom, paused };
    const result = await changeMailbox(means, mailbox, command, origin);
    return result.ok ? created : refused(problemOf(result.rejection));
  });
}

function differencesOf(here: Settings, there: Wanted): Imported['differences'] {
  const pairs: [field: string, here: unknown, there: unknown][] = [
    ['name', here.name, there.name],
    ['mailbox', here.address.toLowerCase(), there.address.toLowerCase()],
    ['labels', here.filter.labels, there.filter.labels],
    [
      'inboundTicketDefaultsId',
      here.defaults.inboundTicketDefaultsId,
      there.defaults.inboundTicketDefaultsId,
    ],
    ['autoProcessEmails', here.defaults.autoProcessEmails, there.defaults.autoProcessEmails],
  ];
  return pairs
    .filter(([, one, other]) => !isDeepStrictEqual(one, other))
    .map(([field, one, other]) => ({ field, here: JSON.stringify(one), there: JSON.stringify(other) }));
}
