import type { GrantEvent } from '#contracts/oauth';
import { scenariosOf } from '#event-sourcing/scenarios';
import { problem, type ProblemCode } from '#problems/problem';
import { grant } from './grant.decider.js';

type EventOf<Type extends GrantEvent['type']> = Extract<GrantEvent, { type: Type }>;

const identity = { account: 'alice@acme.example', clientId: '12-ab.apps.googleusercontent.com' };
const permission = {
  product: 'gmail' as const,
  ...identity,
  projectId: 'acme-psa',
  scopes: ['read'],
  expiresAt: null,
};
const authorized: EventOf<'Authorized'> = { type: 'Authorized', data: permission };
const reauthorized: EventOf<'Authorized'> = {
  type: 'Authorized',
  data: { ...permission, clientId: '12-cd.apps.googleusercontent.com' },
};
const failed: EventOf<'AuthorizationFailed'> = {
  type: 'AuthorizationFailed',
  data: { product: 'gmail', problem: { code: 'authorization.denied' } },
};
const lost = (code: ProblemCode): EventOf<'AuthorizationLost'> => ({
  type: 'AuthorizationLost',
  data: { product: 'gmail', problem: { code } },
});
const refused = (code: ProblemCode): EventOf<'AccessTokenRefused'> => ({
  type: 'AccessTokenRefused',
  data: { product: 'gmail', problem: { code } },
});
const refreshed: EventOf<'AccessTokenRefreshed'> = {
  type: 'AccessTokenRefreshed',
  data: { product: 'gmail' },
};
const forgotten: EventOf<'GrantForgotten'> = {
  type: 'GrantForgotten',
  data: { product: 'gmail', reason: 'removed', revoked: true },
};
const report = (code: ProblemCode | null) => ({
  type: 'ReportRefresh' as const,
  of: identity,
  problem: code && problem(code),
});
const forget = { type: 'ForgetGrant' as const, reason: 'removed', revoked: true };

const { given } = scenariosOf(grant);

describe('a grant', () => {
  it('is begun as often as somebody wants', () => {
    const data = { product: 'gmail' as const, expectedAccount: 'a@x', clientId: 'c', scopes: ['read'] };
    given(authorized)
      .when({ type: 'StartAuthorization', ...data })
      .then({ type: 'AuthorizationStarted', data });
  });

  it('keeps a working permission when connecting again fails', () => {
    given(authorized)
      .when({ type: 'FailAuthorization', product: 'gmail', problem: { code: 'authorization.denied' } })
      .thenState({ status: 'granted', grant: permission, trouble: null });
  });

  it('is lost once', () => {
    given(authorized).when(report('authorization.revoked')).then(lost('authorization.revoked'));
    given(authorized, lost('authorization.revoked')).when(report('authorization.revoked')).then();
  });

  it('works again after it was authorized again', () => {
    given(authorized, lost('authorization.revoked'))
      .when({ type: 'Authorize', grant: permission })
      .thenState({ status: 'granted', grant: permission, trouble: null });
  });

  it('is not lost by an answer about the permission that it replaced', () => {
    given(authorized, lost('authorization.revoked'), reauthorized)
      .when(report('authorization.revoked'))
      .then();
  });

  it('tells refused settings once per problem, and when they are mended', () => {
    given(authorized).when(report('oauth-client.disabled')).then(refused('oauth-client.disabled'));
    given(authorized, refused('oauth-client.disabled')).when(report('oauth-client.disabled')).then();
    given(authorized, refused('oauth-client.disabled'))
      .when(report('oauth-client.secret-refused'))
      .then(refused('oauth-client.secret-refused'));
    given(authorized, refused('oauth-client.disabled')).when(report(null)).then(refreshed);
    given(authorized, refused('oauth-client.disabled'), refreshed).when(report(null)).then();
  });

  it('says nothing of tokens that come as they should, nor of disturbances', () => {
    given(authorized).when(report(null)).then();
    given(authorized).when(report('google.sign-in-unavailable')).then();
  });

  it('tells of a disturbance once no token is left, and of nothing else that stands in the way already', () => {
    const out = { ...report('google.sign-in-unavailable'), outOfTokens: true };
    given(authorized).when(out).then(refused('google.sign-in-unavailable'));
    given(authorized, refused('google.sign-in-unavailable')).when(out).then();
    given(authorized, refused('google.sign-in-unavailable')).when(report(null)).then(refreshed);
    given(authorized, refused('oauth-client.disabled')).when(out).then();
    given(authorized, refused('google.sign-in-unavailable'))
      .when(report('oauth-client.disabled'))
      .then(refused('oauth-client.disabled'));
  });

  it('has its end put down to another cause once, and only while it is lost', () => {
    const name = { type: 'NameCause' as const, problem: problem('authorization.client-wide') };
    const found: GrantEvent = {
      type: 'CauseFound',
      data: { product: 'gmail', problem: { code: 'authorization.client-wide' } },
    };
    given(authorized, lost('authorization.revoked')).when(name).then(found);
    given(authorized, lost('authorization.revoked'), found).when(name).then();
    given(authorized, lost('authorization.revoked'), reauthorized).when(name).then();
    given(authorized, forgotten).when(name).then();
    given(authorized).when(name).then();
  });

  it('is forgotten once, also after it was lost', () => {
    given(authorized, failed).when(forget).then(forgotten);
    given(authorized, lost('authorization.revoked')).when(forget).then(forgotten);
    given(authorized, forgotten).when(forget).then();
    given().when(forget).then();
  });

  it('that was forgotten is not lost', () => {
    given(authorized, forgotten).when(report('authorization.revoked')).then();
  });

  it('does not act on a history that it does not understand', () => {
    const strange = { type: 'Borrowed', data: {} } as unknown as GrantEvent;
    expect(() => given(strange).when(forget).then()).toThrow('Not an event of a grant');
  });
});
