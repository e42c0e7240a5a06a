import type { z } from 'zod';
import { found, type DiagnoseGrant, type Finding } from '#contracts/diagnosis';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import { accepted, type Origin, type Reply } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Clock } from '#time/clock';
import type { Causes } from '../cause/find-causes.js';
import { scopesOf, type Setup } from '../google-app/app-status.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import { clientOf } from '../google-app/stored-app.js';
import type { SignIn, TokenAnswer } from '../google-sign-in/sign-in.js';
import { readTokens } from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import { readable } from './diagnose-clients.js';
import { inTime } from './in-time.js';
import { recordedFindings, refreshFindings } from './grant-verdicts.js';

interface Means {
  clock: Clock;
  secrets: SecretsProvider;
  store: EventStore;
  apps: GoogleApps;
  grants: Grants;
  signIn: SignIn;
  setup: Setup;
  causes: Pick<Causes, 'of'>;
}

/** Asks Google past everything that is remembered, and records nothing of the answer: the service itself does when it works. */
export const diagnoseGrant =
  ({ clock, secrets, store, apps, grants, signIn, setup, causes }: Means) =>
  async (
    { providerId, product }: z.infer<typeof DiagnoseGrant.data>,
    { tenantId }: Origin,
  ): Promise<Reply<z.infer<typeof DiagnoseGrant.answer>>> => {
    const [app, state, refusedAttempt] = await Promise.all([
      readable(apps, tenantId),
      grants.state(tenantId, providerId),
      lastAttempt(store, tenantId, providerId),
    ]);
    const client = app && clientOf(app, product);
    const recorded = recordedFindings(state, client?.clientId ?? null, refusedAttempt);
    if (!client || state.status !== 'granted' || client.clientId !== state.grant.clientId)
      return accepted({ findings: recorded });
    const withCause = async (answer: TokenAnswer): Promise<TokenAnswer> =>
      answer.ok ? answer : { ok: false, problem: await causes.of(providerId, tenantId, answer.problem) };
    const { refreshToken } = await readTokens(secrets, tenantId, providerId);
    const asked: Finding[] =
      refreshToken === null
        ? [
            found.fail(
              'grant.alive',
              'Which refresh token is stored?',
              'None.',
              problem('authorization.missing'),
            ),
          ]
        : refreshFindings(
            state,
            await withCause(await inTime(signIn.refresh(client, refreshToken))),
            scopesOf(product, setup),
            clock.now(),
          );
    return accepted({ findings: [...recorded, ...asked] });
  };

/** Why the last attempt to connect failed; null when it did not. */
async function lastAttempt(store: EventStore, tenantId: string, providerId: string): Promise<Problem | null> {
  const last = (await store.readStream(streamName('grant', tenantId, providerId))).at(-1);
  return last?.type === 'AuthorizationFailed' ? (last.data['problem'] as Problem) : null;
}
