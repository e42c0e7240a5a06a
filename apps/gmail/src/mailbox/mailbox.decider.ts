import { isDeepStrictEqual } from 'node:util';
import type { MailboxDefaults, MailboxEvent, MailboxFilter } from '#contracts/gmail';
import type { Decider, Decision, Plan, Rejection, Vocabulary } from '#event-sourcing/decider';
import { definitionOf, type Problem } from '#problems/problem';
import {
  evolve,
  isConnected,
  isPresent,
  type MailboxState,
  type Permission,
  type PresentMailbox,
  type TimedMailboxEvent,
} from './mailbox-state.js';
import { decideOnNews, type MailboxNews } from './mailbox-news.js';
import { decideOnReset, planReset, type ResetMailbox } from './resetting.js';
import {
  decideOnWatch,
  planWatch,
  type WatchCommand,
  type WatchEffect,
  type WatchOutcome,
} from './watching.js';

export type MailboxCommand =
  | ({ type: 'AddMailbox' } & AddedMailbox)
  | ({ type: 'ImportMailbox' } & ImportedMailbox)
  | ({ type: 'AlterMailbox'; name?: string; filter?: MailboxFilter; defaults?: MailboxDefaults } & Permission)
  | { type: 'PauseMailbox'; reason: string }
  | { type: 'ResumeMailbox' }
  | ({ type: 'DisconnectMailbox' | 'RemoveMailbox'; reason: string } & Permission)
  | ResetMailbox
  | WatchCommand
  | MailboxNews;

interface AddedMailbox {
  name: string;
  address: string;
  filter: MailboxFilter;
  defaults: MailboxDefaults;
}

interface ImportedMailbox extends AddedMailbox {
  importedFrom: string;
  paused: string | null;
}

export type MailboxEffect = WatchEffect | { ask: 'resolve-labels'; labels: string[] } | { ask: 'stop' };

export type MailboxOutcome =
  WatchOutcome | { asked: 'resolve-labels'; unknown: string[] } | { asked: 'stop'; stopped: boolean };

export interface Mailbox extends Vocabulary {
  state: MailboxState;
  command: MailboxCommand;
  event: TimedMailboxEvent;
  effect: MailboxEffect;
  outcome: MailboxOutcome;
}

const notFound: Rejection = { code: 'mailbox.not-found' };

/** A mailbox's life: settings, watch, proof, pauses and end. What it reads is not its business. */
export const mailboxDecider: Decider<Mailbox> = {
  initial: { status: 'absent' },
  evolve,
  plan(state, command, { now }): Plan<MailboxEffect> {
    if (command.type === 'AddMailbox' || command.type === 'ImportMailbox') return 'decide';
    if (!isPresent(state)) {
      const goneAlready = state.status === 'removed' && command.type === 'RemoveMailbox';
      return goneAlready ? 'done' : notFound;
    }
    switch (command.type) {
      case 'StartWatch':
      case 'RenewWatch':
        return planWatch(state, command, now);
      case 'AlterMailbox': {
        const labels = command.filter?.labels ?? [];
        const isNew = !isDeepStrictEqual(labels, state.settings.filter.labels);
        const checkable = labels.length > 0 && isNew && isConnected(state, command);
        return checkable ? { perform: { ask: 'resolve-labels', labels } } : 'decide';
      }
      case 'DisconnectMailbox':
      case 'RemoveMailbox':
        return isConnected(state, command) && state.lastTopic !== null
          ? { perform: { ask: 'stop' } }
          : 'decide';
      case 'ResetMailbox':
        return planReset(state, command);
      default:
        return 'decide';
    }
  },
  decide(state, command, { now, outcome }): Decision<MailboxEvent> {
    if (command.type === 'AddMailbox') return add(state, command);
    if (command.type === 'ImportMailbox') return takeOver(state, command);
    if (!isPresent(state)) return notFound;
    switch (command.type) {
      case 'AlterMailbox':
        return alter(state, command, outcome);
      case 'PauseMailbox':
        return state.paused === command.reason ? [] : [{ type: 'Paused', data: { reason: command.reason } }];
      case 'ResumeMailbox':
        return state.paused === null ? [] : [{ type: 'Resumed', data: {} }];
      case 'DisconnectMailbox':
        return disconnect(state, command, outcome);
      case 'RemoveMailbox':
        return [
          ...disconnect(state, command, outcome),
          { type: 'Removed', data: { reason: command.reason } },
        ];
      case 'ResetMailbox':
        return decideOnReset(state, command, outcome?.asked === 'stop' ? outcome : undefined);
      case 'StartWatch':
      case 'RenewWatch':
        return decideOnWatch(state, command, { now, outcome: outcome as WatchOutcome | undefined });
      default:
        return decideOnNews(state, command, now);
    }
  },
};

function add(state: MailboxState, { name, address, filter, defaults }: AddedMailbox): Decision<MailboxEvent> {
  if (!isPresent(state)) return [{ type: 'MailboxAdded', data: { name, address, filter, defaults } }];
  const { settings } = state;
  return settings.address.toLowerCase() === address.toLowerCase()
    ? []
    : { code: 'mailbox.address-taken', address: settings.address, name: settings.name };
}

/** Only what never was here: what is here is the tenant's, also the fact that it was removed. */
function takeOver(state: MailboxState, command: ImportedMailbox): Decision<MailboxEvent> {
  const { name, address, filter, defaults, importedFrom, paused } = command;
  if (state.status === 'removed') return [];
  if (isPresent(state)) return add(state, command);
  return [
    { type: 'MailboxAdded', data: { name, address, filter, defaults, importedFrom } },
    ...(paused === null ? [] : [{ type: 'Paused' as const, data: { reason: paused } }]),
  ];
}

function alter(
  { settings }: PresentMailbox,
  { name, filter, defaults }: { name?: string; filter?: MailboxFilter; defaults?: MailboxDefaults },
  outcome: MailboxOutcome | undefined,
): Decision<MailboxEvent> {
  if (outcome?.asked === 'resolve-labels' && outcome.unknown.length > 0)
    return { code: 'mailbox.label-unknown', labels: outcome.unknown.join(', ') };
  // Unchecked labels are not taken while a second try may check them; a dead connection cannot, and its next watch will.
  if (outcome?.asked === 'failed' && isTransient(outcome.problem))
    return { code: outcome.problem.code, ...outcome.problem.params };
  const changes: MailboxEvent[] = [];
  if (name !== undefined && name !== settings.name) changes.push({ type: 'MailboxRenamed', data: { name } });
  if (filter && !isDeepStrictEqual(filter, settings.filter))
    changes.push({ type: 'FilterSet', data: { filter } });
  if (defaults && !isDeepStrictEqual(defaults, settings.defaults))
    changes.push({ type: 'DefaultsSet', data: { defaults } });
  return changes;
}

function disconnect(
  state: PresentMailbox,
  command: { reason: string } & Permission,
  outcome: MailboxOutcome | undefined,
): MailboxEvent[] {
  if (state.status === 'disconnected' && !isConnected(state, command)) return [];
  const watchStopped = outcome?.asked === 'stop' && outcome.stopped;
  return [{ type: 'Disconnected', data: { reason: command.reason, watchStopped } }];
}

const isTransient = ({ code }: Problem): boolean => definitionOf(code).kind === 'transient';
