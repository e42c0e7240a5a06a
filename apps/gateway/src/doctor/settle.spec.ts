import { checkIds, checks, needsOf, type CheckId } from '#contracts/checks';
import { found, type Finding } from '#contracts/diagnosis';
import { problem } from '#problems/problem';
import { checksOf } from './plan.js';
import { settle } from './settle.js';

const known = (...findings: Finding[]) => ({
  findings: new Map(findings.map((finding) => [finding.check, finding])),
  projectId: 'acme-psa',
});
const pass = (check: CheckId): Finding => found.pass(check, 'asked', 'answered');
const plan: CheckId[] = ['config.complete', 'gmail-client.id', 'gmail-client.secret'];
const inShort = (results: ReturnType<typeof settle>) =>
  results.map(({ id, result, skipped }) => [id, result, skipped?.reason ?? null]);

it('says nothing of a check before what it needs has been told', () => {
  expect(settle(plan, known(pass('gmail-client.secret')), false)).toEqual([]);
  const results = settle(plan, known(pass('config.complete'), pass('gmail-client.secret')), false);
  expect(inShort(results)).toEqual([['config.complete', 'pass', null]]);
});

it('names a fault once: what stands on it is skipped, whatever it found itself', () => {
  const deleted = problem('oauth-client.deleted');
  const results = settle(
    plan,
    known(
      pass('config.complete'),
      found.fail('gmail-client.id', 'a', 'b', deleted),
      found.fail('gmail-client.secret', 'a', 'b', problem('oauth-client.secret-refused')),
    ),
    false,
  );
  expect(inShort(results)).toEqual([
    ['config.complete', 'pass', null],
    ['gmail-client.id', 'fail', null],
    ['gmail-client.secret', 'skip', 'prerequisite'],
  ]);
  expect(results[2]!.skipped!.prerequisite).toBe('gmail-client.id');
  expect(results[1]!.link).toBe('https://console.cloud.google.com/auth/clients?project=acme-psa');
});

it('skips what stands on a question that could not be asked, without a verdict', () => {
  const silent = problem('google.sign-in-unavailable', { detail: 'no answer' });
  const results = settle(
    plan,
    known(pass('config.complete'), found.fail('gmail-client.id', 'a', 'b', silent)),
    false,
  );
  expect(inShort(results).slice(1)).toEqual([
    ['gmail-client.id', 'warn', null],
    ['gmail-client.secret', 'skip', 'prerequisite'],
  ]);
});

it('goes on past a notice, past what does not apply and past what cannot be known', () => {
  const [first, , third] = plan as [CheckId, CheckId, CheckId];
  for (const second of [
    found.warn('gmail-client.id', 'a', 'b', problem('authorization.testing-mode', { expiresAt: 'then' })),
    found.unneeded('gmail-client.id', 'Not used.'),
    found.unknown('gmail-client.id', 'a', 'b'),
  ])
    expect(settle(plan, known(pass(first), second, pass(third)), false).at(-1)!.result).toBe('pass');
});

it('calls unknown what nobody answered, once nothing more comes', () => {
  expect(inShort(settle(plan, known(pass('config.complete')), true))).toEqual([
    ['config.complete', 'pass', null],
    ['gmail-client.id', 'skip', 'unknown'],
    ['gmail-client.secret', 'skip', 'unknown'],
  ]);
});

it('needs only checks that there are, in no circle', () => {
  const depth = (id: CheckId, above: CheckId[] = []): void => {
    expect(above).not.toContain(id);
    for (const need of needsOf(id)) {
      expect(checkIds).toContain(need);
      depth(need, [...above, id]);
    }
  };
  checkIds.forEach((id) => depth(id));
});

it('verifies each check in one plan at least', () => {
  const all = new Set([
    ...checksOf({ kind: 'config', providerId: null }),
    ...checksOf({ kind: 'gmail', providerId: 'p' }),
    ...checksOf({ kind: 'calendar', providerId: 'p' }),
  ]);
  expect([...all].toSorted()).toEqual(Object.keys(checks).toSorted());
});
