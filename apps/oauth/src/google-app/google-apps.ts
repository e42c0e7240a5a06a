import type { GoogleAppEvent, GoogleAppStatus } from '#contracts/oauth';
import { fold } from '#event-sourcing/decider';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import type { SecretsProvider } from '#secrets/secrets-provider';
import { statusOf, type Setup } from './app-status.js';
import { googleApp, settingsOf } from './google-app.decider.js';
import { readStoredApp, type StoredApp } from './stored-app.js';

export const googleAppStream = (tenantId: string): string => streamName('googleApp', tenantId);

/** Reads tenants' Google apps: settings from the history, all else from the Secrets Provider. Rejects with SecretsError. */
export interface GoogleApps {
  app(tenantId: string): Promise<StoredApp>;
  status(tenantId: string): Promise<GoogleAppStatus>;
}

export function googleApps(means: { store: EventStore; secrets: SecretsProvider }, setup: Setup): GoogleApps {
  const read = async (tenantId: string) => {
    const history = await means.store.readStream(googleAppStream(tenantId));
    const settings = settingsOf(fold(googleApp, history as unknown as GoogleAppEvent[]));
    return { app: await readStoredApp(means.secrets, tenantId, settings), latest: history.at(-1) };
  };
  return {
    app: async (tenantId) => (await read(tenantId)).app,
    async status(tenantId) {
      const { app, latest } = await read(tenantId);
      return statusOf(tenantId, app, setup, latest?.metadata ?? null);
    },
  };
}
