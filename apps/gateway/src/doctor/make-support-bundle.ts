import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { DataSource } from 'typeorm';
import type { Configuration } from '#configuration/configuration';
import { GetGoogleAppStatus } from '#contracts/oauth';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import type { Ask } from '#messaging/ask';
import type { Origin } from '#messaging/envelope';
import { seconds, type Clock } from '#time/clock';
import { calendarStatusesOf } from '../calendar/read-calendar-statuses.js';
import { told } from '../history/history.js';
import { statusesOfTenant } from '../status/read-statuses.js';
import { inShort, masked, withoutNames, type SupportBundle } from './support-bundle.js';
import type { Verification } from './verification.js';

export interface BundlingMeans {
  ask: Ask;
  clock: Clock;
  configuration: Pick<Configuration, 'baseUrl' | 'development' | 'google'>;
  database: DataSource;
  store: EventStore;
}

const mostProviders = 50;

export async function makeSupportBundle(
  means: BundlingMeans,
  verification: Verification,
  origin: Origin,
): Promise<SupportBundle> {
  const { ask, clock, configuration, database, store } = means;
  const { tenantId } = origin;
  const now = clock.now();
  const historyOf = async (...streams: string[]) =>
    inShort(told((await Promise.all(streams.map((stream) => store.readStream(stream)))).flat()));
  const [setup, history, mailboxes, calendars] = await Promise.all([
    ask(GetGoogleAppStatus, {}, origin, { timeoutMs: seconds(5) }),
    historyOf(streamName('googleApp', tenantId), streamName('topic', tenantId)),
    statusesOfTenant(database, tenantId, now),
    calendarStatusesOf(database, tenantId, now),
  ]);
  const providers = [
    ...mailboxes.map(({ providerId, mailbox, status }) => ({
      providerId,
      kind: 'gmail' as const,
      stream: 'mailbox',
      account: mailbox.address,
      status,
    })),
    ...calendars.map(({ providerId, calendar, status }) => ({
      providerId,
      kind: 'calendar' as const,
      stream: 'calendar',
      account: calendar.account,
      status,
    })),
  ];
  return masked({
    madeAt: now.toISOString(),
    versions: { product: productVersion(), node: process.version },
    installation: {
      baseUrl: new URL(configuration.baseUrl).origin,
      development: configuration.development,
      simulatedGoogle: configuration.google.simulatorUrl !== undefined,
    },
    tenantId,
    setup: setup.ok ? setup.value : null,
    verification: withoutNames(verification),
    history,
    providers: await Promise.all(
      providers.slice(0, mostProviders).map(async ({ providerId, kind, stream, account, status }) => ({
        id: providerId,
        kind,
        account,
        status: status.status,
        code: status.problem?.code ?? null,
        notices: status.notices.map(({ code }) => code),
        tokenState: status.tokenState,
        paused: status.paused,
        lastSyncAt: status.lastSyncAt,
        history: await historyOf(
          streamName(stream, tenantId, providerId),
          streamName('grant', tenantId, providerId),
        ),
      })),
    ),
  });
}

function productVersion(): string {
  const file = findPackageJSON('..', import.meta.url);
  const { version } = (file ? JSON.parse(readFileSync(file, 'utf8')) : {}) as { version?: string };
  return version ?? 'unknown';
}
