import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { changeProvider } from '../provider/change-provider.js';

/** Records that the whole way from Google to here works, if that was not known yet. Saying it again tells nothing new. */
export async function proveNotification(
  means: Pick<Means, 'store' | 'clock' | 'ask' | 'configuration'>,
  { tenantId, providerId, calendarId }: { tenantId: string; providerId: string; calendarId: string },
  origin: Origin,
): Promise<void> {
  const result = await changeProvider(
    means,
    { tenantId, providerId },
    { type: 'ProveNotification', calendarId },
    origin,
  );
  if (!result.ok && result.rejection.code !== 'calendar-provider.not-found')
    throw new Error(`A notification could not be recorded as proof: ${result.rejection.code}`);
}
