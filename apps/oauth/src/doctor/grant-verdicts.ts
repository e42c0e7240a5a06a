import { found, type Finding } from '#contracts/diagnosis';
import { problem, type Problem } from '#problems/problem';
import { limitOf, missingScopes, noticeOf } from '../authorization/granted.js';
import type { TokenAnswer } from '../google-sign-in/sign-in.js';
import type { GrantState } from '../grant/grant.decider.js';

const lasting = 'consent.lasting';

/** Whether the tenant's app gives permissions that last, as far as those that were given tell. */
export function lastingFinding(states: readonly GrantState[]): Finding {
  const asked = 'How long does Google let the permissions live that were given so far?';
  const given = states.flatMap((state) => (state.status === 'absent' ? [] : [state.grant]));
  if (given.length === 0)
    return found.unknown(
      lasting,
      asked,
      'None was given yet. Google tells it with the first permission, not before.',
    );
  const testing = given.find(({ limitedBy, expiresAt }) => limitedBy === 'testing' && expiresAt !== null);
  const notice = testing && noticeOf(testing);
  return notice
    ? found.warn(lasting, asked, 'Seven days: Google does so while an app is in Testing.', notice)
    : found.pass(lasting, asked, 'They do not end by themselves because of the app.');
}

/** What is recorded of a provider's permission, held against the client that is stored now. */
export function recordedFindings(
  state: GrantState,
  storedClientId: string | null,
  refusedAttempt: Problem | null,
): Finding[] {
  const asked = 'What is recorded of this permission?';
  if (state.status === 'absent')
    return [
      found.unneeded('grant.client', 'No permission was given.'),
      refusedAttempt
        ? found.fail(
            'grant.alive',
            asked,
            `None is there: the last attempt failed (${refusedAttempt.code}).`,
            refusedAttempt,
          )
        : found.fail('grant.alive', asked, 'None is there.', problem('authorization.missing')),
    ];
  const { grant } = state;
  const client =
    storedClientId === null || grant.clientId === storedClientId
      ? found.pass('grant.client', asked, 'It was given to the client that is stored.')
      : found.fail(
          'grant.client',
          asked,
          'It was given to another client than the one that is stored.',
          problem('authorization.client-changed'),
        );
  return state.status === 'lost'
    ? [client, found.fail('grant.alive', asked, 'It has ended.', state.problem)]
    : [client];
}

/** What Google's answer says about a permission when an access token is asked for with it. */
export function refreshFindings(
  { grant }: Extract<GrantState, { status: 'granted' }>,
  answer: TokenAnswer,
  wantedScopes: string[],
  now: Date,
): Finding[] {
  const asked = `POST /token with the refresh token of ${maskedAddress(grant.account)}`;
  if (!answer.ok)
    return [
      found.fail(
        'grant.alive',
        asked,
        `Google gives no access token: ${answer.problem.code}.`,
        answer.problem,
      ),
    ];
  const { tokens } = answer;
  const missing = missingScopes(wantedScopes, tokens.scopes);
  const limit = limitOf(tokens, now);
  const notice = noticeOf({ ...grant, ...limit });
  return [
    found.pass('grant.alive', asked, 'Google gives an access token.'),
    missing.length === 0
      ? found.pass('grant.scopes', asked, `It covers ${wantedScopes.join(', ')}.`)
      : found.fail(
          'grant.scopes',
          asked,
          `It covers ${tokens.scopes.join(', ') || 'nothing'}.`,
          problem('authorization.scope-missing', { scopes: missing.join(', ') }),
        ),
    notice
      ? found.warn(lasting, asked, `It ends at ${limit.expiresAt}.`, notice)
      : found.pass(lasting, asked, 'Google names no end of it.'),
  ];
}

/** Enough to recognise an address, not to write to it. */
export const maskedAddress = (address: string): string => address.replace(/^(.).*(?=@)/, '$1…');
