import type { z } from 'zod';
import type { DiagnoseCalendars } from '#contracts/diagnosis';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { calendarFor } from '../calendar-api/account-calendar.js';
import { channelAddress } from '../channels/channel-address.js';
import { providerStateOf } from '../provider/change-provider.js';
import { permissionSince } from '../provider/permission.js';
import { isConnected, isPresent } from '../provider/provider-state.js';
import { syncTimesOf } from '../sync/sync-state.js';
import { listFindings, recordedFindings } from './calendar-verdicts.js';

/** Below what the gateway waits, so that a slow Google is named as such. */
const patience = seconds(7);

/** Reads the account's list of calendars, and what is recorded of the chosen ones. */
export async function diagnoseCalendars(
  means: Pick<Means, 'ask' | 'clock' | 'configuration' | 'database' | 'store'>,
  { providerId, askGoogle }: z.infer<(typeof DiagnoseCalendars)['data']>,
  origin: Origin,
): Promise<Reply<z.infer<(typeof DiagnoseCalendars)['answer']>>> {
  const provider = { tenantId: origin.tenantId, providerId };
  const [state, grantedAt, syncedAt] = await Promise.all([
    providerStateOf(means, provider),
    permissionSince(means, provider),
    syncTimesOf(means.database, provider),
  ]);
  if (!isPresent(state)) return refused(problem('calendar-provider.not-found', { providerId }));
  const address = channelAddress(means.configuration);
  const endpoint = 'url' in address ? address.url : null;
  const recorded = recordedFindings({ state, syncedAt, endpoint }, means.clock.now());
  if (!askGoogle || !isConnected(state, { grantedAt })) return accepted({ findings: recorded });
  const signal = AbortSignal.timeout(patience);
  const listed = await calendarFor(means, provider, origin, { signal }).calendars();
  return accepted({ findings: [...listFindings(state, listed), ...recorded] });
}
