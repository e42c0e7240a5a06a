import type { GoogleAppEvent, GoogleAppStatus } from '#contracts/oauth';
import { fold } from '#event-sourcing/decider';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Clock } from '#time/clock';
import { statusOf, type Setup } from './app-status.js';
import { googleApp, settingsOf, type GoogleAppState } from './google-app.decider.js';
import { readStoredApp, type StoredApp } from './stored-app.js';

export const googleAppStream = (tenantId: string): string => streamName('googleApp', tenantId);

/** Reads tenants' Google apps: settings from the history, all else from the Secrets Provider. Rejects with SecretsError. */
export interface GoogleApps {
  /** As the history alone tells it. */
  state(tenantId: string): Promise<GoogleAppState>;
  app(tenantId: string): Promise<StoredApp>;
  status(tenantId: string): Promise<GoogleAppStatus>;
}

export function googleApps(
  means: { store: EventStore; secrets: SecretsProvider; clock: Clock },
  setup: Setup,
): GoogleApps {
  const read = async (tenantId: string) => {
    const history = await means.store.readStream(googleAppStream(tenantId));
    const state = fold(googleApp, history as unknown as GoogleAppEvent[]);
    const app = await readStoredApp(means.secrets, tenantId, settingsOf(state), means.clock.now());
    return { app, state, latest: history.at(-1) };
  };
  return {
    state: async (tenantId) =>
      fold(
        googleApp,
        (await means.store.readStream(googleAppStream(tenantId))) as unknown as GoogleAppEvent[],
      ),
    app: async (tenantId) => (await read(tenantId)).app,
    async status(tenantId) {
      const { app, state, latest } = await read(tenantId);
      const overlaps = state.status === 'stored' ? state.overlaps : {};
      return statusOf(tenantId, app, setup, { latest: latest?.metadata ?? null, overlaps });
    },
  };
}
