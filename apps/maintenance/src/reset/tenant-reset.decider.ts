import type { TenantReset, TenantResetEvent, TenantResetResult } from '#contracts/maintenance';
import type { Decider, Vocabulary } from '#event-sourcing/decider';
import type { EventMetadata } from '#event-sourcing/event-store';

/** An event of a tenant's resets; from the store it comes with who asked, and when. */
export type TimedTenantResetEvent = TenantResetEvent & { metadata?: Pick<EventMetadata, 'at' | 'by'> };

export type TenantResetCommand =
  | { type: 'ResetTenant'; reason: string }
  /** `requestedAt`: of which reset. */
  | { type: 'CompleteTenantReset'; requestedAt: string; result: TenantResetResult };

export interface TenantResets extends Vocabulary {
  state: TenantReset;
  command: TenantResetCommand;
  event: TimedTenantResetEvent;
  effect: never;
  outcome: undefined;
}

const never: TenantReset = {
  status: 'never',
  reason: null,
  requestedAt: null,
  requestedBy: null,
  completedAt: null,
  result: null,
};

/** The resets of one tenant, one at a time. */
export const tenantResetDecider: Decider<TenantResets> = {
  initial: never,
  evolve(state, event) {
    const { at = null, by = null } = event.metadata ?? {};
    switch (event.type) {
      case 'TenantResetRequested': {
        const { reason } = event.data;
        return { ...never, status: 'running', reason, requestedAt: at, requestedBy: by };
      }
      case 'TenantResetCompleted':
        return { ...state, status: 'completed', completedAt: at, result: event.data };
    }
    return unknownEvent(event);
  },
  decide(state, command) {
    switch (command.type) {
      case 'ResetTenant':
        return state.status === 'running'
          ? []
          : [{ type: 'TenantResetRequested', data: { reason: command.reason } }];
      case 'CompleteTenantReset':
        return state.status === 'running' && state.requestedAt === command.requestedAt
          ? [{ type: 'TenantResetCompleted', data: command.result }]
          : [];
    }
  },
};

function unknownEvent(event: never): never {
  throw new Error(`Not an event of a tenant's resets: ${JSON.stringify(event)}`);
}
