import { problem } from '#problems/problem';
import { days } from '#time/clock';
import type { TokenAnswer } from '../google-sign-in/sign-in.js';
import type { GrantState } from '../grant/grant.decider.js';
import { lastingFinding, maskedAddress, recordedFindings, refreshFindings } from './grant-verdicts.js';

const now = new Date('2026-11-25T08:00:00Z');
const grant = {
  product: 'gmail' as const,
  account: 'support@acme.example',
  clientId: '123-abc.apps.googleusercontent.com',
  projectId: 'acme-psa',
  scopes: ['read'],
  expiresAt: null,
};
const granted = { status: 'granted' as const, grant, trouble: null };
const inShort = (findings: ReturnType<typeof recordedFindings>) =>
  Object.fromEntries(
    findings.map((finding) => [
      finding.check,
      'problem' in finding ? `${finding.result} ${finding.problem.code}` : finding.result,
    ]),
  );

it('holds what is recorded against the client that is stored', () => {
  const recorded = (state: GrantState, client: string | null = grant.clientId) =>
    inShort(recordedFindings(state, client, null));
  expect(recorded(granted)).toEqual({ 'grant.client': 'pass' });
  expect(recorded(granted, '999-new')).toEqual({ 'grant.client': 'fail authorization.client-changed' });
  expect(recorded({ status: 'absent' })).toMatchObject({ 'grant.alive': 'fail authorization.missing' });
  expect(recorded({ status: 'lost', grant, problem: problem('authorization.revoked') })).toEqual({
    'grant.client': 'pass',
    'grant.alive': 'fail authorization.revoked',
  });
});

it('tells why the last attempt failed where there is no permission', () => {
  const denied = problem('authorization.denied', { expectedAccount: grant.account });
  expect(inShort(recordedFindings({ status: 'absent' }, null, denied))).toMatchObject({
    'grant.alive': 'fail authorization.denied',
  });
});

const answer = (scopes: string[], refreshTokenExpiresInSeconds: number | null = null): TokenAnswer => ({
  ok: true,
  tokens: {
    accessToken: 'canary',
    expiresInSeconds: 3_599,
    refreshToken: null,
    refreshTokenExpiresInSeconds,
    scopes,
  },
});
const asked = (given: TokenAnswer) => inShort(refreshFindings(granted, given, ['read', 'topics'], now));

it('reads from Google’s answer what the permission covers and how long it lasts', () => {
  expect(asked(answer(['topics', 'read']))).toEqual({
    'grant.alive': 'pass',
    'grant.scopes': 'pass',
    'consent.lasting': 'pass',
  });
  expect(asked(answer(['read'], 604_799))).toEqual({
    'grant.alive': 'pass',
    'grant.scopes': 'fail authorization.scope-missing',
    'consent.lasting': 'warn authorization.testing-mode',
  });
  expect(asked(answer(['read', 'topics'], 3_000))['consent.lasting']).toBe('warn authorization.time-limited');
});

it('names how the permission ended, and blames nobody for a bad moment', () => {
  const refused = (code: 'authorization.revoked' | 'google.sign-in-unavailable') =>
    asked({ ok: false, problem: problem(code) });
  expect(refused('authorization.revoked')).toEqual({ 'grant.alive': 'fail authorization.revoked' });
  expect(refused('google.sign-in-unavailable')).toEqual({ 'grant.alive': 'warn google.sign-in-unavailable' });
});

it('shows neither token nor whole address', () => {
  const text = JSON.stringify(refreshFindings(granted, answer(['read']), ['read'], now));
  expect(text).not.toContain('canary');
  expect(text).not.toContain(grant.account);
  expect(maskedAddress('support@acme.example')).toBe('s…@acme.example');
});

it('knows an app in Testing by the permissions that it gave', () => {
  const limited = {
    ...grant,
    expiresAt: new Date(now.getTime() + days(7)).toISOString(),
    limitedBy: 'testing' as const,
  };
  expect(inShort([lastingFinding([])])).toEqual({ 'consent.lasting': 'unknown' });
  expect(inShort([lastingFinding([granted])])).toEqual({ 'consent.lasting': 'pass' });
  expect(inShort([lastingFinding([granted, { ...granted, grant: limited }])])).toEqual({
    'consent.lasting': 'warn authorization.testing-mode',
  });
});
