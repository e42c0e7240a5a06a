import { gmailAppKeys } from '#secrets/secret-keys';
import { hours } from '#time/clock';
import type { Fault } from './fault.js';
import type { Patient } from './patient.js';

const config = { about: 'config', result: 'fail' } as const;

/** What can be wrong with the address of the installation and with the tenant's app. */
export const setupFaults: Fault[] = [
  ...(
    [
      [
        'base-url-http',
        'This installation is reached without HTTPS.',
        'base-url.not-https',
        'http://psa.example.com',
      ],
      [
        'base-url-ip',
        'This installation is reached by an IP address.',
        'base-url.ip-address',
        'https://203.0.113.7',
      ],
      [
        'base-url-local',
        'This installation has a name of the local network.',
        'base-url.not-public',
        'https://psa.corp.local',
      ],
      [
        'base-url-odd',
        'The address of this installation holds a user name.',
        'base-url.malformed',
        'https://psa@psa.example.com',
      ],
    ] as const
  ).map(([id, wrong, code, baseUrl]): Fault => ({
    ...config,
    id,
    wrong,
    put: `BASE_URL is ${baseUrl}.`,
    check: 'base-url',
    code,
    baseUrl,
  })),
  {
    ...config,
    id: 'nothing-stored',
    wrong: 'The setup was removed, or never stored.',
    put: 'The tenant removes the Google app here.',
    check: 'config.complete',
    code: 'google-app.incomplete',
    breaks: (patient) => patient.call('DELETE', '/api/google/config'),
  },
  {
    ...config,
    id: 'secrets-unreadable',
    wrong: 'What is stored cannot be opened with this installation’s keys.',
    put: 'The sealed secrets are damaged in the database here.',
    check: 'config.complete',
    code: 'google-app.unreadable',
    breaks: (patient) => patient.hospital.damageSecretsOf(patient.tenant),
  },
  {
    ...config,
    id: 'client-unknown',
    wrong: 'Google knows no client with the id that is stored.',
    put: 'Another id is stored here.',
    check: 'gmail-client.id',
    code: 'oauth-client.unknown',
    breaks: (patient) => {
      const { projectNumber, clientSecret } = patient.project;
      const clientId = `${projectNumber}-nobody1234.apps.googleusercontent.com`;
      return patient.store({ gmail: { clientId, clientSecret } });
    },
  },
  {
    ...config,
    id: 'client-deleted',
    wrong: 'The OAuth client was deleted.',
    put: 'The client’s state is `deleted`.',
    check: 'gmail-client.id',
    code: 'oauth-client.deleted',
    breaks: ({ google, project }) => google.changeClient(project.clientId, { state: 'deleted' }),
  },
  {
    ...config,
    id: 'client-disabled',
    wrong: 'The OAuth client was disabled.',
    put: 'The client’s state is `disabled`.',
    check: 'gmail-client.id',
    code: 'oauth-client.disabled',
    breaks: ({ google, project }) => google.changeClient(project.clientId, { state: 'disabled' }),
  },
  {
    ...config,
    id: 'secret-wrong',
    wrong: 'The client secret is that of something else.',
    put: 'Another secret is stored here.',
    check: 'gmail-client.secret',
    code: 'oauth-client.secret-refused',
    breaks: (patient) =>
      patient.store({
        gmail: { clientId: patient.project.clientId, clientSecret: 'GOCSPX-0123456789012345678901234567' },
      }),
  },
  {
    ...config,
    id: 'secret-disabled',
    wrong: 'The client secret was disabled or replaced in Google’s console.',
    put: 'The client’s secret is disabled.',
    check: 'gmail-client.secret',
    code: 'oauth-client.secret-refused',
    breaks: async ({ google, project }) => {
      const { clients } = await google.project(project.projectId);
      await google.enableSecret(project.clientId, clients[0]!.secrets[0]!.id, false);
    },
  },
  {
    ...config,
    id: 'redirect-missing',
    wrong: 'The redirect URI for Gmail is not registered at the client.',
    put: 'It is taken off the client’s list.',
    check: 'gmail-client.redirect',
    code: 'oauth-client.redirect-mismatch',
    breaks: (patient) => registerOnly(patient, '/api/auth/google/calendar/callback'),
  },
  {
    ...config,
    id: 'calendar-redirect-missing',
    wrong: 'The redirect URI for Calendar is not registered at the client.',
    put: 'It is taken off the client’s list.',
    check: 'calendar-client.redirect',
    code: 'oauth-client.redirect-mismatch',
    breaks: (patient) => registerOnly(patient, '/api/auth/google/callback'),
  },
  {
    ...config,
    id: 'calendar-client-deleted',
    wrong: 'Calendar’s own OAuth client was deleted.',
    put: 'A second client is stored for Calendar; then its state is `deleted`.',
    check: 'calendar-client.id',
    code: 'oauth-client.deleted',
    breaks: async (patient) => {
      const { clientId } = await ownCalendarClient(patient);
      await patient.google.changeClient(clientId, { state: 'deleted' });
    },
  },
  {
    ...config,
    id: 'calendar-secret-wrong',
    wrong: 'The client secret of Calendar’s own client is that of something else.',
    put: 'A second client is stored for Calendar, with Gmail’s secret.',
    check: 'calendar-client.secret',
    code: 'oauth-client.secret-refused',
    breaks: (patient) => ownCalendarClient(patient, patient.project.clientSecret),
  },
  {
    ...config,
    id: 'keys-forbidden',
    wrong: 'There is no service account key, for example because the organisation allows none.',
    put: 'The project’s organisation is secure by default, so no key can be made.',
    check: 'key.stored',
    code: 'service-account-key.missing',
    wishes: (tenant) => ({ seed: { organization: { domain: `${tenant}.example`, secureByDefault: true } } }),
  },
  {
    ...config,
    id: 'key-of-other-project',
    wrong: 'The key is of another project than the one that is configured.',
    put: 'The PSA writes another project id into the tenant’s secrets.',
    check: 'key.project',
    code: 'service-account-key.other-project',
    breaks: ({ hospital, tenant }) => hospital.writeSecret(tenant, gmailAppKeys.projectId, 'another-project'),
  },
  {
    ...config,
    id: 'key-deleted',
    wrong: 'The service account key was deleted.',
    put: 'The key is deleted.',
    check: 'key.accepted',
    code: 'service-account.key-refused',
    breaks: async ({ google, project }) => {
      const { private_key_id: id } = JSON.parse(project.serviceAccountKeyJson!) as { private_key_id: string };
      await google.deleteServiceAccountKey(project.serviceAccountEmail, id);
    },
  },
  {
    ...config,
    id: 'account-deleted',
    wrong: 'The service account was deleted.',
    put: 'The account is deleted.',
    check: 'key.accepted',
    code: 'service-account.deleted',
    breaks: ({ google, project }) =>
      google.changeServiceAccount(project.serviceAccountEmail, { deleted: true }),
  },
  {
    ...config,
    id: 'account-disabled',
    wrong: 'The service account was disabled.',
    put: 'The account is disabled.',
    check: 'key.accepted',
    code: 'service-account.disabled',
    breaks: ({ google, project }) =>
      google.changeServiceAccount(project.serviceAccountEmail, { disabled: true }),
  },
  {
    ...config,
    id: 'clock-off',
    wrong: 'The clock of this installation is wrong.',
    put: 'Time passes here and not at Google.',
    check: 'key.accepted',
    code: 'service-account.clock-off',
    breaks: async ({ hospital }) => hospital.clock.advance(hours(1)),
  },
  {
    ...config,
    id: 'client-of-other-project',
    wrong: 'The OAuth client is of another project than the topic.',
    put: 'A client of a second project is stored here.',
    check: 'project.number',
    code: 'oauth-client.other-project',
    breaks: async (patient) => {
      const { google, tenant } = patient;
      await google.createProject(`${tenant}-other`);
      const client = await google.createClient(`${tenant}-other`, { redirectUris: callbacksOf(patient) });
      await patient.store({ gmail: client });
    },
  },
  ...(
    [
      ['pubsub', 'pubsub.googleapis.com', 'Cloud Pub/Sub', 'pubsub.api-disabled'],
      ['gmail', 'gmail.googleapis.com', 'Gmail', 'gmail.api-disabled'],
      ['calendar', 'calendar-json.googleapis.com', 'Google Calendar', 'calendar.api-disabled'],
    ] as const
  ).map(([name, api, title, code]): Fault => ({
    ...config,
    id: `${name}-api-off`,
    wrong: `The ${title} API is off.`,
    put: `The project’s APIs are all but ${api}.`,
    check: `project.${name}-api`,
    code,
    breaks: (patient) => turnOff(patient, api),
  })),
  {
    ...config,
    id: 'consent-in-testing',
    wrong: 'The app’s consent screen is in Testing: permissions end after seven days.',
    put: 'The app is External and in Testing when the mailbox is connected.',
    check: 'consent.lasting',
    code: 'authorization.testing-mode',
    result: 'warn',
    connect: 'gmail',
    wishes: () => ({ seed: { publishingStatus: 'testing' } }),
  },
  {
    ...config,
    id: 'sign-in-disturbed',
    wrong: 'Google’s consent page does not answer properly.',
    put: 'Its address answers 503.',
    check: 'gmail-client.redirect',
    code: 'google.sign-in-unavailable',
    result: 'warn',
    wishes: () => ({ form: { calendar: 'none' } }),
    breaks: ({ google }) =>
      google.addFault({ match: { pathPattern: '^/o/oauth2/v2/auth$' }, effect: { kind: 'html', code: 503 } }),
  },
];

/** What the project has turned on, without one. */
export async function turnOff({ google, project }: Patient, api: string): Promise<void> {
  const { enabledApis } = await google.project(project.projectId);
  await google.changeProject(project.projectId, { enabledApis: enabledApis.filter((one) => one !== api) });
}

export const callbacksOf = ({ hospital }: Patient): string[] =>
  ['/api/auth/google/callback', '/api/auth/google/calendar/callback'].map(
    (path) => `${hospital.embedded.gatewayUrl}${path}`,
  );

const registerOnly = ({ google, project, hospital }: Patient, path: string): Promise<void> =>
  google.changeClient(project.clientId, { redirectUris: [`${hospital.embedded.gatewayUrl}${path}`] });

async function ownCalendarClient(patient: Patient, secret?: string): Promise<{ clientId: string }> {
  const client = await patient.google.createClient(patient.project.projectId, {
    redirectUris: callbacksOf(patient),
  });
  await patient.store({ calendar: { ...client, ...(secret && { clientSecret: secret }) } });
  return client;
}
