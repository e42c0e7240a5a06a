import type { Mailbox } from '../api/answers.js';
import { mailboxStages } from './progress.js';

const mailbox = {
  status: 'configuring',
  tokenState: 'none',
  watchExpiresAt: null,
  provenAt: null,
} as Mailbox;
const states = (part: Partial<Mailbox>) => mailboxStages({ ...mailbox, ...part }).map(({ state }) => state);

describe('the way to a proven mailbox', () => {
  it('shows what is reached, what is under way and what is to come', () => {
    expect(states({})).toEqual(['now', 'open', 'open']);
    expect(states({ tokenState: 'valid' })).toEqual(['done', 'now', 'open']);
    expect(states({ tokenState: 'valid', watchExpiresAt: 'later' })).toEqual(['done', 'done', 'now']);
    expect(
      states({ status: 'connected', tokenState: 'valid', watchExpiresAt: 'later', provenAt: 'now' }),
    ).toEqual(['done', 'done', 'done']);
  });

  it('stops where something is wrong', () => {
    expect(states({ status: 'error', tokenState: 'valid' })).toEqual(['done', 'stopped', 'open']);
  });
});
