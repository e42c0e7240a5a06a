import { setTimeout as pause } from 'node:timers/promises';
import { OpenChannel } from '#contracts/calendar';
import type { Means, Worker } from '#hosting/service';
import { beginning } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { seconds } from '#time/clock';
import { channelAddress } from '../channels/channel-address.js';

const again = seconds(5);

/** Once per start: calendars whose notifications still go to an address that this installation had before, or that could have an address now. */
export const openAfterMove = ({
  ask,
  configuration,
  database,
  logger,
}: Pick<Means, 'ask' | 'configuration' | 'database' | 'logger'>): Worker => ({
  name: 'calendar.open-after-move',
  async run(signal) {
    const address = channelAddress(configuration);
    const url = 'url' in address ? address.url : null;
    const moved: { tenant_id: string; provider_id: string; calendar_id: string }[] = await database.query(
      `SELECT tenant_id, provider_id, calendar_id FROM channels
        WHERE address IS DISTINCT FROM $1 AND address IS DISTINCT FROM 'none' ORDER BY 1, 2, 3`,
      [url],
    );
    if (moved.length > 0)
      logger.info({ calendars: moved.length, url }, 'the address for notifications moved');
    for (const { tenant_id: tenantId, provider_id: providerId, calendar_id: calendarId } of moved) {
      for (;;) {
        if (signal.aborted) return;
        const origin = beginning(tenantId, 'calendar.open-after-move');
        const reply = await ask(OpenChannel, { providerId, calendarId }, origin);
        // What fails at Google is recorded with its next attempt; only a silent service is asked again from here.
        if (reply.ok || definitionOf(reply.problem.code).kind !== 'transient') break;
        await pause(again, undefined, { signal }).catch(() => {});
      }
    }
  },
});
