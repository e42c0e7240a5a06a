import type { z } from 'zod';
import type { ImportCalendarProvider, Imported } from '#contracts/cutover';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { changeProvider, providerStateOf } from '../provider/change-provider.js';
import { isPresent, type PresentProvider } from '../provider/provider-state.js';

type Wanted = z.infer<typeof ImportCalendarProvider.data>;

/** A provider that is here already stays as it is: its owner may have changed it since. */
export async function importCalendarProvider(
  means: Means,
  { providerId, dryRun, ...wanted }: Wanted,
  origin: Origin,
): Promise<Reply<Imported>> {
  const provider = { tenantId: origin.tenantId, providerId };
  const state = await providerStateOf(means, provider);
  if (state.status === 'removed') return accepted({ outcome: 'removed', differences: [] });
  if (isPresent(state)) return accepted({ outcome: 'exists', differences: differencesOf(state, wanted) });
  const created = accepted<Imported>({ outcome: 'created', differences: [] });
  if (dryRun) return created;
  const command = { type: 'ImportCalendarProvider' as const, ...wanted };
  const result = await changeProvider(means, provider, command, origin);
  return result.ok ? created : refused(problemOf(result.rejection));
}

function differencesOf(
  { settings, chosen, formerCalendarId }: PresentProvider,
  there: Omit<Wanted, 'providerId' | 'dryRun'>,
): Imported['differences'] {
  const kept = chosen.map(({ calendarId }) => calendarId);
  const isKept =
    there.calendarId === null ||
    kept.includes(there.calendarId) ||
    chosen.some(({ primary }) => primary && there.calendarId === 'primary') ||
    formerCalendarId === there.calendarId;
  const pairs: [field: string, here: string, there: string][] = [
    ['name', settings.name, there.name],
    ['userId', settings.userId, there.userId],
    ['account', settings.account.toLowerCase(), there.account.toLowerCase()],
    ['syncDirection', settings.syncDirection, there.syncDirection],
  ];
  const differences = pairs
    .filter(([, one, other]) => one !== other)
    .map(([field, one, other]) => ({ field, here: one, there: other }));
  return isKept
    ? differences
    : [...differences, { field: 'calendarId', here: kept.join(', '), there: there.calendarId! }];
}
