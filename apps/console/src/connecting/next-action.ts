import type { ProviderState } from '../api/answers.js';

/** The one thing that helps, if it can be done here. */
export type NextAction = 'connect' | 'resume' | 'setup' | 'choose' | 'parked' | 'none';

const ofSetup = /^(google-app|oauth-client|service-account)\./;

/** What a problem of a provider calls for. What has to be done at Google stands in its remedy and its link. */
export function nextActionOf({ problem, tokenState, paused, status }: ProviderState): NextAction {
  if (status === 'configuring' && tokenState === 'none') return 'connect';
  if (!problem) return 'none';
  const { code } = problem;
  if (ofSetup.test(code)) return 'setup';
  if (paused && code.endsWith('.paused')) return 'resume';
  if (code === 'calendar-provider.nothing-chosen') return 'choose';
  if (tokenState === 'none' || tokenState === 'lost') return 'connect';
  if (/^authorization\.|scope-insufficient$|delegation-denied$/.test(code)) return 'connect';
  return 'none';
}
