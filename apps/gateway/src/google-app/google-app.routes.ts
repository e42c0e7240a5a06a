import { z } from 'zod';
import { GetProvisioningCommands } from '#contracts/gmail-provisioning';
import { ClearConfig, configField, GetGoogleAppStatus, googleAppStatus, StoreConfig } from '#contracts/oauth';
import type { Ask } from '#messaging/ask';
import type { Origin, Reply } from '#messaging/envelope';
import { describeProblem, problem, type Problem } from '#problems/problem';
import { newStagedSecretsId, stagedSecretsKey, type StagedSecrets } from '#secrets/secret-keys';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Clock } from '#time/clock';
import { guarded, relay, type Route } from '../api/route.js';
import { configRequest, splitConfig } from './config-request.js';

export interface GoogleAppMeans {
  ask: Ask;
  secrets: SecretsProvider;
  clock: Clock;
}

/** What of a refused form is wrong, one per field. */
export const fieldError = z.object({
  field: configField,
  code: z.string(),
  sentence: z.string(),
  remedy: z.string(),
  link: z.string().nullable(),
});

const tag = 'Google setup';
// The Secrets Provider keeps at most 64 KiB under one name; a key file has about 2.
const largestSecrets = 60 * 1024;

export const googleAppRoutes = ({ ask, secrets, clock }: GoogleAppMeans): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/google/config',
    permission: 'system_settings:read',
    tag,
    summary: 'What of the Google setup is stored and what is missing; never a secret',
    answer: googleAppStatus,
    refusals: GetGoogleAppStatus.refusals,
    handle: async ({ origin }) => relay(await ask(GetGoogleAppStatus, {}, origin)),
  }),
  guarded({
    method: 'PUT',
    path: '/api/google/config',
    permission: 'system_settings:update',
    tag,
    summary:
      'Stores the tenant’s Google app, whole or not at all. 422 with `errors`, one per field, when something is wrong',
    body: configRequest,
    answer: googleAppStatus,
    refusals: [...StoreConfig.refusals, 'google-app.refused'],
    handle: async ({ body, origin }) => {
      const { open, secrets: staged } = splitConfig(body);
      if (staged && Buffer.byteLength(JSON.stringify(staged)) > largestSecrets)
        return refusedFields([
          { field: 'serviceAccountKey', problem: problem('service-account-key.too-large') },
        ]);
      const reply = await withStaged(
        staged,
        { secrets, clock, tenantId: origin.tenantId },
        (stagedSecretsId) => ask(StoreConfig, stagedSecretsId ? { ...open, stagedSecretsId } : open, origin),
      );
      if (!reply.ok) return { problem: reply.problem };
      return reply.value.outcome === 'stored'
        ? { body: reply.value.status }
        : refusedFields(reply.value.errors);
    },
  }),
  guarded({
    method: 'DELETE',
    path: '/api/google/config',
    permission: 'system_settings:update',
    tag,
    summary:
      'Disconnects all providers in order, then removes the tenant’s Google app with all its secrets. Once begun it goes on by itself',
    answer: googleAppStatus,
    refusals: ClearConfig.refusals,
    handle: async ({ origin }) => relay(await ask(ClearConfig, {}, origin)),
  }),
  guarded({
    method: 'GET',
    path: '/api/google/provisioning-commands',
    permission: 'system_settings:read',
    tag,
    summary: 'What to run in Cloud Shell to provision by hand',
    answer: GetProvisioningCommands.answer,
    refusals: GetProvisioningCommands.refusals,
    handle: async ({ origin }) => relay(await ask(GetProvisioningCommands, {}, origin)),
  }),
];

/** Secrets travel sealed: they wait in the Secrets Provider and the command names the place. Nothing stays there if the command failed. */
async function withStaged<Answer>(
  staged: StagedSecrets | null,
  { secrets, clock, tenantId }: { secrets: SecretsProvider; clock: Clock; tenantId: Origin['tenantId'] },
  store: (stagedSecretsId: string | null) => Promise<Reply<Answer>>,
): Promise<Reply<Answer>> {
  if (!staged) return store(null);
  const id = newStagedSecretsId(clock.now());
  await secrets.setTenantSecret(tenantId, stagedSecretsKey(id), JSON.stringify(staged));
  const reply = await store(id);
  // The service that took them has deleted them already, also when it refused them.
  if (!reply.ok) await secrets.deleteTenantSecret(tenantId, stagedSecretsKey(id));
  return reply;
}

function refusedFields(errors: { field: z.infer<typeof configField>; problem: Problem }[]) {
  return {
    problem: problem('google-app.refused'),
    about: {
      errors: errors.map(({ field, problem: one }): z.infer<typeof fieldError> => {
        const { code, sentence, remedy, link } = describeProblem(one);
        return { field, code, sentence, remedy, link: link ?? null };
      }),
    },
  };
}
