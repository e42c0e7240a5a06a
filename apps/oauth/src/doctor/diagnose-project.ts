import type { z } from 'zod';
import type { CheckId } from '#contracts/checks';
import { found, type DiagnoseProject, type Finding } from '#contracts/diagnosis';
import type { GoogleEndpoints } from '#google/endpoints';
import { look } from '#google/look';
import { accepted, type Origin, type Reply } from '#messaging/envelope';
import type { Clock } from '#time/clock';
import { about, signedAssertion } from '../access-token/provisioning-tokens.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import type { ServiceAccountKey } from '../google-app/service-account-key.js';
import { pairOf, type StoredApp } from '../google-app/stored-app.js';
import type { SignIn } from '../google-sign-in/sign-in.js';
import { inTime } from './in-time.js';
import { readable } from './diagnose-clients.js';
import {
  actAs,
  actAsFinding,
  apiFinding,
  needed,
  numberFinding,
  permissionFindings,
  type Api,
} from './project-verdicts.js';
import { keyFindings, productsOf } from './setup-verdicts.js';

interface Means {
  clock: Clock;
  apps: GoogleApps;
  signIn: SignIn;
  endpoints: GoogleEndpoints;
}

/**
 * Asking what an account may do with a service account takes this scope. The token that comes of it is used here and then forgotten; it gives
 * nothing that the key itself does not.
 */
const scope = 'https://www.googleapis.com/auth/cloud-platform';

const ofPubSub: CheckId[] = [
  'project.number',
  'project.pubsub-api',
  'permission.create',
  'permission.grant',
  'permission.act-as',
];

/** Asks as the tenant's service account about its project. Key and token stay in this service. */
export const diagnoseProject =
  (means: Means) =>
  async (
    { product }: z.infer<typeof DiagnoseProject.data>,
    { tenantId }: Origin,
  ): Promise<Reply<z.infer<typeof DiagnoseProject.answer>>> => {
    const app = await readable(means.apps, tenantId);
    if (!app) return accepted({ findings: [] });
    const products = productsOf(app, product);
    if (!products.includes('gmail'))
      return accepted({ findings: [...withoutGmail(), ...(await calendarAlone(means, app))] });
    const findings = keyFindings(app);
    if (app.provisioning === 'manual') return accepted({ findings: [...byHand(), ...findings] });
    const usable = app.key !== null && findings.every(({ result }) => result === 'pass');
    const asked = usable ? await askAsAccount(means, app, app.key!, products.includes('calendar')) : [];
    return accepted({ findings: [...findings, ...asked] });
  };

async function askAsAccount(
  means: Means,
  app: StoredApp,
  key: ServiceAccountKey,
  withCalendar: boolean,
): Promise<Finding[]> {
  const { endpoints } = means;
  const { project_id: projectId, client_email: serviceAccount } = key;
  const signed = await signIn(means, key);
  if (!signed.token) return [signed.finding];
  const how = { accessToken: signed.token };
  const service = (api: Api) =>
    look(`${endpoints.serviceUsage}/v1/projects/${projectId}/services/${api}`, how);
  const project = `${endpoints.resourceManager}/v3/projects/${projectId}:testIamPermissions`;
  const account = `${endpoints.iam}/v1/projects/-/serviceAccounts/${serviceAccount}:testIamPermissions`;
  const [pubsub, gmail, calendar, permissions, signing] = await Promise.all([
    service('pubsub.googleapis.com'),
    service('gmail.googleapis.com'),
    service('calendar-json.googleapis.com'),
    look(project, { ...how, body: { permissions: [...needed.create, ...needed.grant] } }),
    look(account, { ...how, body: { permissions: [actAs] } }),
  ]);
  return [
    signed.finding,
    numberFinding(app.gmail.clientId, [pubsub, gmail, calendar], projectId),
    apiFinding('pubsub.googleapis.com', pubsub, projectId),
    apiFinding('gmail.googleapis.com', gmail, projectId),
    ...(withCalendar
      ? [ofCalendar(app, apiFinding('calendar-json.googleapis.com', calendar, projectId))]
      : []),
    ...(withCalendar ? [] : [found.unneeded('project.calendar-api', 'Calendar is not used.')]),
    ...permissionFindings(permissions, projectId),
    actAsFinding(signing, { projectId, serviceAccount }),
  ];
}

async function signIn(
  { clock, signIn: google }: Means,
  key: ServiceAccountKey,
): Promise<{ finding: Finding; token: string | null }> {
  const asked = `POST /token with an assertion of ${key.client_email}`;
  const answer = await inTime(google.grantServiceAccount(await signedAssertion(key, clock.now(), scope)));
  return answer.ok
    ? {
        finding: found.pass('key.accepted', asked, 'Google gives an access token.'),
        token: answer.tokens.accessToken,
      }
    : {
        finding: found.fail(
          'key.accepted',
          asked,
          `Google gives no access token: ${answer.problem.code}.`,
          about(key, answer.problem),
        ),
        token: null,
      };
}

/** A client of its own may be of another project, which the service account knows nothing of. */
function ofCalendar(app: StoredApp, finding: Finding): Finding {
  const numberOf = (clientId: string | null): string | undefined => /^\d+(?=-)/.exec(clientId ?? '')?.[0];
  const elsewhere =
    app.calendar === 'own' && numberOf(pairOf(app, 'calendar').clientId) !== numberOf(app.gmail.clientId);
  return elsewhere
    ? found.unknown(
        'project.calendar-api',
        'Which project does Calendar’s client belong to?',
        'Another one than the service account, which cannot look there. The first account that is connected shows it.',
      )
    : finding;
}

async function calendarAlone(means: Means, app: StoredApp): Promise<Finding[]> {
  const check = 'project.calendar-api';
  const unseen = found.unknown(
    check,
    'Is there a service account that may look?',
    'No. The first account that is connected shows it.',
  );
  if (!app.key || app.provisioning === 'manual' || app.key.project_id !== app.projectId) return [unseen];
  const { token } = await signIn(means, app.key);
  if (!token) return [unseen];
  const { project_id: projectId } = app.key;
  const api = 'calendar-json.googleapis.com';
  const address = `${means.endpoints.serviceUsage}/v1/projects/${projectId}/services/${api}`;
  return [ofCalendar(app, apiFinding(api, await look(address, { accessToken: token }), projectId))];
}

const withoutGmail = (): Finding[] =>
  (['key.stored', 'key.project', 'key.accepted', ...ofPubSub, 'project.gmail-api'] as CheckId[]).map(
    (check) => found.unneeded(check, 'Gmail is not used, and only Gmail needs Pub/Sub.'),
  );

const byHand = (): Finding[] => [
  ...(['key.stored', 'key.accepted', ...ofPubSub] as CheckId[]).map((check) =>
    found.unneeded(check, 'Topic and subscription are made by hand; this service has no access to them.'),
  ),
  ...(['project.gmail-api', 'project.calendar-api'] as const).map((check) =>
    found.unknown(
      check,
      'Is there a service account that may look?',
      'No. The first account that is connected shows it.',
    ),
  ),
];
