import { groupsOf, verificationAfter, type CheckResult, type Verification } from './verification.js';

const result = (id: string, word: CheckResult['result']): CheckResult => ({
  id,
  title: id,
  result: word,
  evidence: null,
  code: null,
  sentence: null,
  cause: null,
  actor: null,
  remedy: null,
  link: null,
  skipped: null,
});
const plan = {
  checks: [
    { id: 'base-url', title: 'base-url' },
    { id: 'key.stored', title: 'key.stored' },
  ],
};

describe('the checklist', () => {
  it('stands before anything is answered, and fills in any order', () => {
    const nothing: Verification = { checks: [], finished: null };
    const planned = verificationAfter(nothing, { event: 'plan', data: plan });
    expect(planned.checks).toEqual(plan.checks);
    const one = verificationAfter(planned, { event: 'check', data: result('key.stored', 'fail') });
    expect(one.checks).toEqual([plan.checks[0], result('key.stored', 'fail')]);
    expect(one.finished).toBeNull();
  });

  it('shows lines that belong together, together', () => {
    expect(
      groupsOf([
        result('key.stored', 'pass'),
        result('pubsub.topic', 'pass'),
        result('key.project', 'pass'),
      ]).map(({ group, checks }) => [group, checks.length]),
    ).toEqual([
      ['key', 2],
      ['pubsub', 1],
    ]);
  });
});
