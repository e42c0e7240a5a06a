import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { CompleteAuthorization, GrantEvent } from '#contracts/oauth';
import type { CommandResult } from '#event-sourcing/handle-command';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { definitionOf, problem, type Problem } from '#problems/problem';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Clock } from '#time/clock';
import { incomplete } from '../access-token/next-step.js';
import type { InNameOf } from '../google-app/either-secret.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import { clientOf } from '../google-app/stored-app.js';
import { unreadable } from '../google-app/unreadable.js';
import type { GrantedTokens, SignIn } from '../google-sign-in/sign-in.js';
import { sameAccount } from '../grant/grant.decider.js';
import { sharedToken, tokensToKeep } from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import type { accountOf } from './account.js';
import type { Attempt, Attempts } from './attempts.js';
import { limitOf, missingScopes, noticeOf, refusedByRedirect } from './granted.js';

type Redirect = z.infer<typeof CompleteAuthorization.data>;
type Completed = z.infer<typeof CompleteAuthorization.answer>;
type Taken = NonNullable<Awaited<ReturnType<Attempts['take']>>>;
type Authorized = Extract<GrantEvent, { type: 'Authorized' }>['data'];

/** How an attempt ended, before it is told. `revocable`: a permission that came of it and nobody wants. */
type Ended =
  | { ok: true; grant: Authorized }
  | { ok: false; problem: Problem; revocable?: { token: string; account: string | null; projectId: string } };

export interface Completing {
  clock: Clock;
  secrets: SecretsProvider;
  apps: GoogleApps;
  grants: Grants;
  attempts: Attempts;
  signIn: SignIn;
  inNameOf: InNameOf;
  accountOf: ReturnType<typeof accountOf>;
  onAuthorized(tenantId: string, providerId: string): void;
}

/** Every attempt ends as an event, good or bad; a failed one leaves an older permission of the provider as it was. */
export function completeAuthorization(means: Completing) {
  const { clock, secrets, apps, grants, attempts, signIn } = means;

  return async (redirect: Redirect, origin: Origin): Promise<Reply<Completed>> => {
    const tenant = await attempts.tenantOf(redirect.state);
    if (tenant === undefined) return refused(problem('authorization.state-unknown'));
    // Google's redirect comes without a session: tenant and person are those who began.
    const beganBy = ({ tenantId, correlationId, userId }: Attempt): Origin => {
      return { id: origin.id, tenantId, correlationId, by: userId };
    };
    // Taken in the tenant's turn: a consent that was abandoned before it came to be its turn connects nothing.
    const turn = await grants.inTenantsTurn(tenant, async () => {
      const attempt = await attempts.take(redirect.state);
      if (!attempt) return { attempt };
      const outcome = await end(attempt, redirect, beganBy(attempt)).catch(asFailure);
      if (!outcome.ok && outcome.revocable) await giveBack(attempt, outcome.revocable);
      return { attempt, outcome };
    });
    const attempt = turn ? turn.attempt : await attempts.take(redirect.state);
    if (!attempt) return refused(problem('authorization.state-unknown'));
    const { providerId } = attempt;
    const ended = turn?.outcome ?? failed(problem('stream.busy'));
    if (ended.ok) return accepted(completed(attempt, ended.grant.account, noticeOf(ended.grant)));
    const told = await grants.record(
      providerId,
      { type: 'FailAuthorization', product: attempt.product, problem: ended.problem },
      beganBy(attempt),
    );
    return told.ok ? accepted(completed(attempt, null, ended.problem)) : refused(problemOf(told.rejection));
  };

  async function end(attempt: Taken, redirect: Redirect, origin: Origin): Promise<Ended> {
    const { tenantId, product, clientId, redirectUri, expectedAccount, scopes, codeVerifier } = attempt;
    const refusal = refusedByRedirect(attempt, redirect, clock.now());
    if (refusal || redirect.code === undefined || codeVerifier === undefined)
      return failed(refusal ?? problem('authorization.state-unknown'));
    const app = await apps.app(tenantId);
    const client = clientOf(app, product);
    const { projectId } = app;
    if (!client || projectId === null) return failed(incomplete(app, product));
    if (client.clientId !== clientId) return failed(problem('authorization.client-changed'));

    const { code } = redirect;
    const askedAt = clock.now();
    const answer = await patiently(() =>
      means.inNameOf(client, origin, (named) =>
        signIn.exchangeCode(named, { code, codeVerifier, redirectUri }),
      ),
    );
    if (!answer.ok) return failed(withParams(answer.problem, { redirectUri, projectId }));
    const { tokens } = answer;
    const unwanted = (account: string | null) => ({ token: tokens.accessToken, account, projectId });

    const missing = missingScopes(scopes, tokens.scopes);
    if (missing.length > 0)
      return failed(problem('authorization.scope-missing', { scopes: missing.join(', ') }), unwanted(null));
    const whose = await patiently(() => means.accountOf(product, tokens.accessToken));
    if (!whose.ok)
      return failed(withParams(whose.problem, { address: expectedAccount, projectId }), unwanted(null));
    const { account } = whose;
    if (!sameAccount(account, expectedAccount))
      return failed(problem('authorization.wrong-account', { account, expectedAccount }), unwanted(account));
    // Not revoked: the person has to remove the app, and is told so.
    if (tokens.refreshToken === null) return failed(problem('authorization.no-refresh-token'));

    const grant = {
      product,
      account,
      clientId,
      projectId,
      scopes: tokens.scopes,
      ...limitOf(tokens, askedAt),
    };
    return keep(attempt, grant, tokens, askedAt, origin);
  }

  /** Tokens first: cut off in between, they lie unused beside a history that says nothing of them. */
  async function keep(
    { tenantId, providerId }: Attempt,
    grant: Authorized,
    tokens: GrantedTokens,
    askedAt: Date,
    origin: Origin,
  ): Promise<Ended> {
    const recorded = await grants.inTurn(tenantId, providerId, async () => {
      const access = sharedToken(tokens, grant, askedAt);
      await secrets.changeTenantSecrets(tenantId, tokensToKeep(providerId, access, tokens.refreshToken));
      means.onAuthorized(tenantId, providerId);
      return grants.record(providerId, { type: 'Authorize', grant }, origin);
    });
    return recorded?.ok ? { ok: true, grant } : failed(busy(recorded));
  }

  /** Revoking reaches every permission of the account and project: not done while any provider lives on one of them. */
  async function giveBack(
    { tenantId, clientId }: Attempt,
    { token, account, projectId }: { token: string; account: string | null; projectId: string },
  ): Promise<void> {
    if (!(await grants.othersNeed(tenantId, { projectId, clientId, account }))) await signIn.revoke(token);
  }
}

const failed = (found: Problem, revocable?: Extract<Ended, { ok: false }>['revocable']): Ended => ({
  ok: false,
  problem: found,
  ...(revocable && { revocable }),
});

/** The state is used up: what cannot be read is told as the end of this attempt. */
function asFailure(error: unknown): Ended {
  const found = unreadable(error);
  if (!found) throw error;
  return failed(found);
}

const busy = (result: CommandResult<GrantEvent> | undefined): Problem =>
  result && !result.ok ? problemOf(result.rejection) : problem('stream.busy');

const withParams = (found: Problem, params: Record<string, string>): Problem =>
  problem(found.code, { ...params, ...found.params });

const completed = (attempt: Attempt, account: string | null, found: Problem | null): Completed => ({
  tenantId: attempt.tenantId,
  providerId: attempt.providerId,
  openerOrigin: attempt.openerOrigin,
  connected: account !== null,
  account,
  problem: found,
});

const pausesMs = [250, 1_000];

/** A person waits, and a code is good once: a disturbance that passes at once should not send them back to the start. */
async function patiently<Answer extends { ok: true } | { ok: false; problem: Problem }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  let answer = await ask();
  for (const milliseconds of pausesMs) {
    if (answer.ok || definitionOf(answer.problem.code).kind !== 'transient') break;
    await pause(milliseconds);
    answer = await ask();
  }
  return answer;
}
