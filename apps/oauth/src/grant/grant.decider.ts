import type { GrantEvent, Product } from '#contracts/oauth';
import type { Decider, Vocabulary } from '#event-sourcing/decider';
import { definitionOf, type Problem } from '#problems/problem';

type Authorized = Extract<GrantEvent, { type: 'Authorized' }>['data'];

export type GrantState =
  | { status: 'absent' }
  /** `trouble`: why Google gives no access token at the moment, although the permission is kept. */
  | { status: 'granted'; grant: Authorized; trouble: Problem | null }
  | { status: 'lost'; grant: Authorized; problem: Problem };

/** What the permission was given as: one of another account or client is another permission. */
export type GrantIdentity = Pick<Authorized, 'account' | 'clientId'>;

export type GrantCommand =
  | {
      type: 'StartAuthorization';
      product: Product;
      expectedAccount: string;
      clientId: string;
      scopes: string[];
    }
  | { type: 'Authorize'; grant: Authorized }
  | { type: 'FailAuthorization'; product: Product; problem: Problem }
  /** What Google answered when an access token was asked for with this grant. */
  | {
      type: 'ReportRefresh';
      of: GrantIdentity;
      problem: Problem | null;
      /** The latest access token has ended too: a disturbance stands in the way now. */
      outOfTokens?: boolean;
    }
  /** What the end of the permission is put down to, as far as is known now. */
  | { type: 'NameCause'; problem: Problem }
  | { type: 'ForgetGrant'; reason: string; revoked: boolean };

export interface Grant extends Vocabulary {
  state: GrantState;
  command: GrantCommand;
  event: GrantEvent;
  effect: never;
  outcome: undefined;
}

/** One provider's permission. A connecting that fails leaves an older permission as it was. */
export const grant: Decider<Grant> = {
  initial: { status: 'absent' },

  evolve(state, event) {
    switch (event.type) {
      case 'AuthorizationStarted':
      case 'AuthorizationFailed':
        return state;
      case 'Authorized':
        return { status: 'granted', grant: event.data, trouble: null };
      case 'AuthorizationLost':
        return state.status === 'absent'
          ? state
          : { status: 'lost', grant: state.grant, problem: event.data.problem as Problem };
      case 'CauseFound':
        return state.status === 'lost' ? { ...state, problem: event.data.problem as Problem } : state;
      case 'AccessTokenRefused':
        return state.status === 'granted' ? { ...state, trouble: event.data.problem as Problem } : state;
      case 'AccessTokenRefreshed':
        return state.status === 'granted' ? { ...state, trouble: null } : state;
      case 'GrantForgotten':
        return { status: 'absent' };
    }
    return unknownEvent(event);
  },

  decide(state, command) {
    switch (command.type) {
      case 'StartAuthorization': {
        const { type: _type, ...data } = command;
        return [{ type: 'AuthorizationStarted', data }];
      }
      case 'Authorize':
        return [{ type: 'Authorized', data: command.grant }];
      case 'FailAuthorization':
        return [
          { type: 'AuthorizationFailed', data: { product: command.product, problem: command.problem } },
        ];
      case 'ReportRefresh':
        return afterRefresh(state, command);
      case 'NameCause':
        return state.status !== 'lost' || state.problem.code === command.problem.code
          ? []
          : [{ type: 'CauseFound', data: { product: state.grant.product, problem: command.problem } }];
      case 'ForgetGrant':
        if (state.status === 'absent') return [];
        return [
          {
            type: 'GrantForgotten',
            data: { product: state.grant.product, reason: command.reason, revoked: command.revoked },
          },
        ];
    }
  },
};

function afterRefresh(
  state: GrantState,
  { of, problem: found, outOfTokens }: Extract<GrantCommand, { type: 'ReportRefresh' }>,
): GrantEvent[] {
  // An answer about a permission that was replaced meanwhile says nothing about the present one.
  if (state.status !== 'granted' || !isOf(state.grant, of)) return [];
  const { product } = state.grant;
  if (found === null) return state.trouble ? [{ type: 'AccessTokenRefreshed', data: { product } }] : [];
  switch (definitionOf(found.code).kind) {
    case 'dead':
      return [{ type: 'AuthorizationLost', data: { product, problem: found } }];
    case 'configuration':
      return state.trouble?.code === found.code
        ? []
        : [{ type: 'AccessTokenRefused', data: { product, problem: found } }];
    case 'transient':
      // Told once it matters, and never in place of what a person has to mend.
      return outOfTokens && state.trouble === null
        ? [{ type: 'AccessTokenRefused', data: { product, problem: found } }]
        : [];
    case 'refusal':
    case 'notice':
      return [];
  }
}

export const sameAccount = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** A client id begins with the number of its project, which is right even where the tenant entered a wrong project id. */
const projectNumber = (clientId: string): string => /^\d+/.exec(clientId)?.[0] ?? clientId;

type OfProject = Pick<Authorized, 'clientId' | 'projectId'>;
export const sameProject = (one: OfProject, other: OfProject): boolean =>
  one.projectId === other.projectId || projectNumber(one.clientId) === projectNumber(other.clientId);

export const isOf = (grant: GrantIdentity, of: GrantIdentity): boolean =>
  grant.clientId === of.clientId && sameAccount(grant.account, of.account);

function unknownEvent(event: never): never {
  throw new Error(`Not an event of a grant: ${JSON.stringify(event)}`);
}
