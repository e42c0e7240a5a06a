import type { MailboxEvent } from '#contracts/gmail';
import type { Plan } from '#event-sourcing/decider';
import { isConnected, type Permission, type PresentMailbox } from './mailbox-state.js';

export interface ResetMailbox extends Permission {
  type: 'ResetMailbox';
  reason: string;
  /** Messages that wait for another attempt. */
  parked: number;
  /** When a consent was begun, refused or given the last time. */
  soughtAt: string | null;
  /** Whoever connected it after this moment keeps it connected. */
  requestedAt: string | null;
}

type Stopped = { asked: 'stop'; stopped: boolean };

export const isConnectedSince = (
  state: PresentMailbox,
  { grantedAt, requestedAt }: Pick<ResetMailbox, 'grantedAt' | 'requestedAt'>,
): boolean =>
  requestedAt !== null && isConnected(state, { grantedAt }) && grantedAt !== null && grantedAt > requestedAt;

/** Nothing has happened to it since it was reset. */
const isAtItsBeginning = (state: PresentMailbox, command: ResetMailbox): boolean =>
  state.status === 'disconnected' &&
  state.reset &&
  !isConnected(state, command) &&
  !(command.soughtAt !== null && command.soughtAt > state.at);

/** Without a permission that works Google cannot be asked for anything, and is not. */
export function planReset(state: PresentMailbox, command: ResetMailbox): Plan<{ ask: 'stop' }> {
  if (isAtItsBeginning(state, command) || isConnectedSince(state, command)) return 'done';
  return isConnected(state, command) && state.lastTopic !== null ? { perform: { ask: 'stop' } } : 'decide';
}

export function decideOnReset(
  state: PresentMailbox,
  { reason, parked }: ResetMailbox,
  outcome: Stopped | undefined,
): MailboxEvent[] {
  const notStopped = state.status === 'watched' ? 'left' : 'none';
  const watch = outcome?.stopped ? 'stopped' : notStopped;
  return [{ type: 'Reset', data: { reason, watch, parkedForgotten: parked } }];
}
