import { DiagnoseClients, DiagnoseGrant, DiagnoseProject } from '#contracts/diagnosis';
import {
  ClearConfig,
  CompleteAuthorization,
  ForgetGrant,
  GetAccessToken,
  GetGoogleAppStatus,
  GetProvisioningToken,
  StartAuthorization,
  StoreConfig,
} from '#contracts/oauth';
import { AbandonAuthorization, GetForgottenPermission } from '#contracts/oauth-reset';
import { CheckGrant, FindCause, ForgetFormerSecrets } from '#contracts/oauth-upkeep';
import { googleEndpoints } from '#google/endpoints';
import type { Composition, Means, ServiceDefinition } from '#hosting/service';
import { accepted } from '#messaging/envelope';
import { answer } from '#messaging/handler';
import { accessTokens } from './access-token/access-tokens.js';
import { checkGrant } from './access-token/check-grant.js';
import { checkGrantsWhenConfigStored } from './access-token/check-grants-when-config-stored.reactor.js';
import { provisioningTokens } from './access-token/provisioning-tokens.js';
import { abandonAuthorization } from './authorization/abandon-authorization.js';
import { accountOf } from './authorization/account.js';
import { Attempts, AuthorizationAttempts1764100000000 } from './authorization/attempts.js';
import { completeAuthorization } from './authorization/complete-authorization.js';
import { startAuthorization } from './authorization/start-authorization.js';
import { diagnoseClients } from './doctor/diagnose-clients.js';
import { diagnoseGrant } from './doctor/diagnose-grant.js';
import { diagnoseProject } from './doctor/diagnose-project.js';
import { causes } from './cause/find-causes.js';
import { nameCauseForAll } from './cause/name-cause-for-all.reactor.js';
import type { Setup } from './google-app/app-status.js';
import { clearConfig } from './google-app/clear-config.js';
import { withEitherSecret } from './google-app/either-secret.js';
import { forgetFormerSecrets } from './google-app/forget-former-secrets.js';
import { goOnWithRemoval } from './google-app/go-on-with-removal.reactor.js';
import { googleApps } from './google-app/google-apps.js';
import { storeConfig } from './google-app/store-config.js';
import { whenReadable } from './google-app/unreadable.js';
import { googleSignIn } from './google-sign-in/sign-in.js';
import { forgetGrant } from './grant/forget-grant.js';
import { forgottenPermissionOf } from './grant/forgotten-permission.js';
import { openGrants } from './grant/grants.js';

/** The tenant's Google app, and the permissions given through it. The only service that sees refresh tokens. */
export const oauth: ServiceDefinition = {
  name: 'oauth',
  entities: [],
  migrations: [AuthorizationAttempts1764100000000],
  mayUseSecrets: true,
  compose: async (means: Means): Promise<Composition> => {
    const { configuration, clock, secrets, database } = means;
    const endpoints = googleEndpoints(configuration.google.simulatorUrl);
    const setup: Setup = {
      baseUrl: configuration.baseUrl,
      requestPubsubScope: configuration.google.requestPubsubScope,
    };
    const apps = googleApps(means, setup);
    const grants = openGrants(means);
    const signIn = googleSignIn(endpoints);
    const inNameOf = withEitherSecret(means);
    const attempts = new Attempts(database);
    const whys = causes(means, grants);
    const tokens = accessTokens(means, { apps, grants, causes: whys, signIn, inNameOf });
    const provisioning = provisioningTokens(means, { apps, signIn });
    const removal = clearConfig(means, { apps, grants, signIn }, tokens.drop);
    const starting = startAuthorization({ clock, apps, grants, attempts, endpoints, setup });
    const completing = completeAuthorization({
      clock,
      secrets,
      apps,
      grants,
      attempts,
      signIn,
      inNameOf,
      accountOf: accountOf(endpoints, clock),
      onAuthorized: tokens.drop,
    });
    return {
      handlers: [
        answer(StoreConfig, whenReadable(storeConfig(means, apps))),
        answer(ClearConfig, removal.begin),
        answer(ForgetFormerSecrets, whenReadable(forgetFormerSecrets(means, apps))),
        answer(
          GetGoogleAppStatus,
          whenReadable(async (_data, { tenantId }) => accepted(await apps.status(tenantId))),
        ),
        answer(StartAuthorization, whenReadable(starting)),
        answer(CompleteAuthorization, whenReadable(completing)),
        answer(GetAccessToken, whenReadable(tokens.get)),
        answer(CheckGrant, whenReadable(checkGrant(tokens, clock))),
        answer(FindCause, whenReadable(whys.find)),
        answer(GetProvisioningToken, whenReadable(provisioning)),
        answer(AbandonAuthorization, abandonAuthorization({ grants, attempts, store: means.store })),
        answer(GetForgottenPermission, forgottenPermissionOf(means.store)),
        answer(ForgetGrant, forgetGrant({ secrets, grants, signIn }, tokens.drop)),

        answer(DiagnoseClients, diagnoseClients({ apps, grants, endpoints, setup })),
        answer(DiagnoseProject, diagnoseProject({ clock, apps, signIn, endpoints })),
        answer(
          DiagnoseGrant,
          whenReadable(diagnoseGrant({ ...means, apps, grants, signIn, setup, causes: whys })),
        ),
      ],
      processors: [
        checkGrantsWhenConfigStored(grants, tokens),
        nameCauseForAll(whys),
        goOnWithRemoval(removal),
      ],
      workers: [],
    };
  },
};
