import { isDeepStrictEqual } from 'node:util';
import type { GoogleAppEvent } from '#contracts/oauth';
import type { Decider, Vocabulary } from '#event-sourcing/decider';
import { pairNames, type PairName } from './former-secret.js';

/** What is configured beside the secrets and ids, which only the Secrets Provider holds. */
export interface AppSettings {
  provisioning: 'key' | 'manual';
  /** `same` is a link to Gmail's pair, never a copy of it. */
  calendar: 'same' | 'own' | 'none';
  pushServiceAccount: string | null;
}

type ConfigStored = Extract<GoogleAppEvent, { type: 'ConfigStored' }>;
/** The app without its secrets, as the history tells it. */
export type AppSnapshot = Omit<ConfigStored['data'], 'changed' | 'formerSecrets'>;

/** By pair: what stands in until when, and which of both secrets Google took last. */
export type Overlaps = Partial<Record<PairName, { until: string; accepted: 'former' | 'current' | null }>>;

export type GoogleAppState =
  | { status: 'absent' }
  /** `removing`: providers are being disconnected, the app goes last. */
  | { status: 'stored'; snapshot: AppSnapshot; overlaps: Overlaps; removing: boolean };

export type GoogleAppCommand =
  | {
      type: 'StoreConfig';
      snapshot: AppSnapshot;
      changed: string[];
      /** By pair, until when the secret that was replaced stands in. */
      former?: Partial<Record<PairName, string>>;
    }
  | { type: 'NoteSecretAccepted'; pair: PairName; accepted: 'former' | 'current' }
  /** Of these pairs nothing stands in any more. */
  | { type: 'ForgetFormerSecrets'; pairs: PairName[] }
  | { type: 'BeginRemoval'; hadSecrets: boolean }
  /** `hadSecrets`: something was there to be removed, though perhaps put there by the host. */
  | { type: 'ClearConfig'; hadSecrets: boolean };

export interface GoogleApp extends Vocabulary {
  state: GoogleAppState;
  command: GoogleAppCommand;
  event: GoogleAppEvent;
  effect: never;
  outcome: undefined;
}

/** An app that the host stored without telling. */
const hostsOwn: Extract<GoogleAppState, { status: 'stored' }> = {
  status: 'stored',
  snapshot: {
    projectId: null,
    provisioning: 'key',
    gmailClientId: null,
    calendar: 'same',
    calendarClientId: null,
    serviceAccountEmail: null,
  },
  overlaps: {},
  removing: false,
};

/** The secrets are written before: what is decided here is only how the history tells it. */
export const googleApp: Decider<GoogleApp> = {
  initial: { status: 'absent' },

  evolve(state, event) {
    switch (event.type) {
      case 'ConfigStored': {
        const { changed, formerSecrets, ...snapshot } = event.data;
        const overlaps = state.status === 'stored' ? { ...state.overlaps } : {};
        for (const pair of pairNames.filter((name) => isReplaced(name, changed))) delete overlaps[pair];
        for (const pair of formerSecrets?.of ?? [])
          overlaps[pair] = { until: formerSecrets!.until, accepted: null };
        return { status: 'stored', snapshot, overlaps, removing: false };
      }
      case 'ClientSecretAccepted': {
        const overlap = state.status === 'stored' && state.overlaps[event.data.pair];
        if (!overlap) return state;
        const { pair, accepted } = event.data;
        return { ...state, overlaps: { ...state.overlaps, [pair]: { ...overlap, accepted } } };
      }
      case 'FormerSecretForgotten': {
        if (state.status !== 'stored') return state;
        const { [event.data.pair]: _over, ...overlaps } = state.overlaps;
        return { ...state, overlaps };
      }
      case 'RemovalBegun':
        return state.status === 'stored' ? { ...state, removing: true } : { ...hostsOwn, removing: true };
      case 'ConfigCleared':
        return { status: 'absent' };
    }
    return unknownEvent(event);
  },

  decide(state, command) {
    switch (command.type) {
      case 'StoreConfig': {
        const { snapshot, changed, former = {} } = command;
        const formerSecrets = newlyFormer(state, former);
        // Also told when a writer died after the secrets and before the event: then nothing changes now, but the history is behind.
        const told =
          state.status === 'stored' && !state.removing && isDeepStrictEqual(state.snapshot, snapshot);
        return told && changed.length === 0 && !formerSecrets
          ? []
          : [
              {
                type: 'ConfigStored',
                data: { ...snapshot, changed, ...(formerSecrets && { formerSecrets }) },
              },
            ];
      }
      case 'NoteSecretAccepted': {
        const { type: _type, ...data } = command;
        const known = state.status === 'stored' ? state.overlaps[data.pair]?.accepted : undefined;
        // Servers of Google's that do not know it yet say nothing against one that was taken before.
        const isNews = known !== undefined && known !== data.accepted && known !== 'current';
        return isNews ? [{ type: 'ClientSecretAccepted', data }] : [];
      }
      case 'ForgetFormerSecrets':
        return state.status === 'stored'
          ? command.pairs
              .filter((pair) => state.overlaps[pair])
              .map((pair) => ({ type: 'FormerSecretForgotten' as const, data: { pair } }))
          : [];
      case 'BeginRemoval': {
        const begins = state.status === 'stored' ? !state.removing : command.hadSecrets;
        return begins ? [{ type: 'RemovalBegun', data: {} }] : [];
      }
      case 'ClearConfig':
        return state.status === 'stored' || command.hadSecrets ? [{ type: 'ConfigCleared', data: {} }] : [];
    }
  },
};

const isReplaced = (pair: PairName, changed: string[]): boolean =>
  changed.includes(`${pair}ClientSecret`) || changed.includes(`${pair}ClientId`);

/** Those that the history does not tell of yet. All that one change replaces stand in for the same time. */
function newlyFormer(
  state: GoogleAppState,
  former: Partial<Record<PairName, string>>,
): ConfigStored['data']['formerSecrets'] {
  const known = state.status === 'stored' ? state.overlaps : {};
  const of = pairNames.filter((pair) => former[pair] !== undefined && known[pair]?.until !== former[pair]);
  return of.length > 0 ? { of, until: former[of[0]!]! } : undefined;
}

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
