import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { z } from 'zod';
import type { Worker } from '#hosting/service';
import type { Logger } from '#logging/logger';
import { seconds } from '#time/clock';
import { changeChannel } from './tell-changes.js';
import type { Listeners } from './listeners.js';

const notice = z.object({ tenantId: z.string(), providerId: z.string().nullable() });

export interface ChangeWorkerMeans {
  database: DataSource;
  listeners: Listeners;
  logger: Logger;
}

/** Hears on one connection of its own what was written to the status, by whichever gateway, and tells those who listen at this one. */
export const changeWorker = ({ database, listeners, logger }: ChangeWorkerMeans): Worker => ({
  name: 'changes',
  run: async (signal) => {
    signal.addEventListener('abort', () => listeners.end(), { once: true });
    while (!signal.aborted) {
      const client = new pg.Client({
        connectionString: (database.options as PostgresDataSourceOptions).url!,
        application_name: 'gateway-changes',
        keepAlive: true,
        connectionTimeoutMillis: seconds(5),
      });
      const lost = new Promise<Error>((resolve) => {
        client.once('error', resolve);
        client.once('end', () => resolve(new Error('the connection ended')));
        signal.addEventListener('abort', () => resolve(new Error('the service ends')), { once: true });
      });
      client.on('error', () => {});
      client.on('notification', ({ payload }) => {
        const told = notice.safeParse(jsonOf(payload));
        if (told.success) listeners.tell(told.data);
      });
      try {
        await client.connect();
        await client.query(`LISTEN ${changeChannel}`);
        listeners.tellAll();
        throw await lost;
      } catch (error) {
        await client.end().catch(() => {});
        if (signal.aborted) break;
        logger.warn({ err: error }, 'changes cannot be heard at the moment; trying again');
        await pause(seconds(1), undefined, { signal }).catch(() => {});
      }
    }
  },
});

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
