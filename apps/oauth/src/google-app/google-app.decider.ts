import { isDeepStrictEqual } from 'node:util';
import type { GoogleAppEvent } from '#contracts/oauth';
import type { Decider, Vocabulary } from '#event-sourcing/decider';

/** What is configured beside the secrets and ids, which only the Secrets Provider holds. */
export interface AppSettings {
  provisioning: 'key' | 'manual';
  /** `same` is a link to Gmail's pair, never a copy of it. */
  calendar: 'same' | 'own' | 'none';
  pushServiceAccount: string | null;
}

type ConfigStored = Extract<GoogleAppEvent, { type: 'ConfigStored' }>;
/** The app without its secrets, as the history tells it. */
export type AppSnapshot = Omit<ConfigStored['data'], 'changed'>;

export type GoogleAppState = { status: 'absent' } | { status: 'stored'; snapshot: AppSnapshot };

export type GoogleAppCommand =
  | { type: 'StoreConfig'; snapshot: AppSnapshot; changed: string[] }
  /** `hadSecrets`: something was there to be removed, though perhaps put there by the host. */
  | { type: 'ClearConfig'; hadSecrets: boolean };

export interface GoogleApp extends Vocabulary {
  state: GoogleAppState;
  command: GoogleAppCommand;
  event: GoogleAppEvent;
  effect: never;
  outcome: undefined;
}

/** The secrets are written before: what is decided here is only how the history tells it. */
export const googleApp: Decider<GoogleApp> = {
  initial: { status: 'absent' },

  evolve(_state, event) {
    switch (event.type) {
      case 'ConfigStored': {
        const { changed: _changed, ...snapshot } = event.data;
        return { status: 'stored', snapshot };
      }
      case 'ConfigCleared':
        return { status: 'absent' };
    }
    return unknownEvent(event);
  },

  decide(state, command) {
    switch (command.type) {
      case 'StoreConfig': {
        const { snapshot, changed } = command;
        // Also told when a writer died after the secrets and before the event: then nothing changes now, but the history is behind.
        const told = state.status === 'stored' && isDeepStrictEqual(state.snapshot, snapshot);
        return told && changed.length === 0 ? [] : [{ type: 'ConfigStored', data: { ...snapshot, changed } }];
      }
      case 'ClearConfig':
        return state.status === 'stored' || command.hadSecrets ? [{ type: 'ConfigCleared', data: {} }] : [];
    }
  },
};

function unknownEvent(event: never): never {
  throw new Error(`Not an event of a Google app: ${JSON.stringify(event)}`);
}

/** What holds until something was stored: Calendar follows Gmail, topics are made with a key. */
export const settingsOf = (state: GoogleAppState): AppSettings =>
  state.status === 'stored'
    ? {
        provisioning: state.snapshot.provisioning,
        calendar: state.snapshot.calendar,
        pushServiceAccount: state.snapshot.pushServiceAccount ?? null,
      }
    : { provisioning: 'key', calendar: 'same', pushServiceAccount: null };
