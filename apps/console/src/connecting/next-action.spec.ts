import type { ProviderState, ShownProblem } from '../api/answers.js';
import { nextActionOf } from './next-action.js';

const provider = (code: string | null, part: Partial<ProviderState> = {}): ProviderState =>
  ({
    status: 'error',
    tokenState: 'valid',
    paused: false,
    problem: code === null ? null : ({ code } as ShownProblem),
    ...part,
  }) as ProviderState;

describe('the one next action', () => {
  it.each([
    ['connect', provider('authorization.missing', { status: 'disconnected', tokenState: 'none' })],
    ['connect', provider('authorization.denied', { tokenState: 'lost' })],
    ['connect', provider('gmail.scope-insufficient')],
    ['connect', provider(null, { status: 'configuring', tokenState: 'none' })],
    ['resume', provider('mailbox.paused', { status: 'disconnected', paused: true })],
    ['setup', provider('google-app.incomplete')],
    ['setup', provider('oauth-client.secret-refused')],
    ['choose', provider('calendar-provider.nothing-chosen', { status: 'configuring' })],
    ['none', provider('pubsub.api-disabled')],
    ['none', provider(null, { status: 'connected' })],
  ] as const)('is to %s', (action, of) => {
    expect(nextActionOf(of)).toBe(action);
  });
});
