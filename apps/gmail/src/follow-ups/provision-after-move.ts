import { setTimeout as pause } from 'node:timers/promises';
import { ProvisionTopic } from '#contracts/gmail';
import type { Means, Worker } from '#hosting/service';
import { beginning } from '#messaging/envelope';
import { seconds } from '#time/clock';
import { endpointOf } from '../topic/names.js';

const again = seconds(5);

/** Once per start: tenants whose notifications are still sent to an address that this installation had before. */
export const provisionAfterMove = ({
  ask,
  configuration,
  database,
  logger,
}: Pick<Means, 'ask' | 'configuration' | 'database' | 'logger'>): Worker => ({
  name: 'gmail.provision-after-move',
  async run(signal) {
    const endpoint = endpointOf(configuration);
    const moved: { tenant_id: string }[] = await database.query(
      `SELECT tenant_id FROM topics WHERE endpoint <> $1
          AND EXISTS (SELECT FROM mailboxes WHERE mailboxes.tenant_id = topics.tenant_id
                         AND authorized_at IS NOT NULL AND status <> 'disconnected')`,
      [endpoint],
    );
    if (moved.length > 0) logger.info({ tenants: moved.length, endpoint }, 'the push address moved');
    for (const { tenant_id: tenantId } of moved) {
      for (;;) {
        if (signal.aborted) return;
        // What fails at Google is recorded with its next attempt; only a silent service is asked again from here.
        if ((await ask(ProvisionTopic, {}, beginning(tenantId, 'gmail.provision-after-move'))).ok) break;
        await pause(again, undefined, { signal }).catch(() => {});
      }
    }
  },
});
