import { CheckFirstNotification } from '#contracts/gmail';
import { beginning } from '#messaging/envelope';
import { days, hours, minutes } from '#time/clock';
import type { Fault } from './fault.js';
import type { Patient } from './patient.js';
import { callbacksOf, turnOff } from './setup-faults.js';

const gmail = { about: 'gmail', result: 'fail' } as const;
const readonly = 'https://www.googleapis.com/auth/gmail.readonly';

/** A setup without a key, with the account that signs. */
const byHand = (tenant: string) => ({
  form: {
    provisioning: 'manual',
    serviceAccountKey: null,
    pushServiceAccount: `helpdesk-mail@${tenant}-project.iam.gserviceaccount.com`,
  },
});

/** What can be wrong with a mailbox whose setup is right. */
export const mailboxFaults: Fault[] = [
  {
    ...gmail,
    id: 'never-connected',
    wrong: 'Nobody has given the permission yet.',
    put: 'The mailbox is added and not connected.',
    check: 'grant.alive',
    code: 'authorization.missing',
    connect: 'nothing',
    breaks: addMailbox,
  },
  {
    ...gmail,
    id: 'scope-unticked',
    wrong: 'The owner left a box empty on Google’s page.',
    put: 'The box for reading mail is emptied at the consent.',
    check: 'grant.alive',
    code: 'authorization.scope-missing',
    connect: 'nothing',
    wishes: () => ({ untick: [readonly] }),
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'wrong-account',
    wrong: 'Somebody else consented.',
    put: 'Another account is chosen at the consent.',
    check: 'grant.alive',
    code: 'authorization.wrong-account',
    connect: 'nothing',
    wishes: (tenant) => ({
      consentingAs: `boss@${tenant}.example`,
      seed: { users: [{ email: `support@${tenant}.example` }, { email: `boss@${tenant}.example` }] },
    }),
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'app-removed-by-owner',
    wrong: 'The owner removed the app from the account.',
    put: 'The user removes the app.',
    check: 'grant.alive',
    code: 'authorization.revoked',
    breaks: ({ google, address, project }) => google.removeApp(address, project.projectId),
  },
  {
    ...gmail,
    id: 'password-changed',
    wrong: 'The owner changed the password.',
    put: 'The user’s password changes.',
    check: 'grant.alive',
    code: 'authorization.revoked',
    breaks: ({ google, address }) => google.changePassword(address),
  },
  {
    ...gmail,
    id: 'testing-ended',
    wrong: 'The app is in Testing, and seven days are over.',
    put: 'The app is External and in Testing; seven days pass.',
    check: 'grant.alive',
    code: 'authorization.testing-expired',
    wishes: () => ({ seed: { publishingStatus: 'testing' } }),
    breaks: ({ hospital }) => hospital.advance(days(7)),
  },
  {
    ...gmail,
    id: 'time-limited',
    wrong: 'The owner let the app in for an hour.',
    put: 'An hour is chosen at the consent.',
    check: 'consent.lasting',
    code: 'authorization.time-limited',
    result: 'warn',
    wishes: () => ({ accessSeconds: 3_600 }),
  },
  {
    ...gmail,
    id: 'time-limit-reached',
    wrong: 'The owner let the app in for an hour, which is over.',
    put: 'An hour is chosen at the consent, and passes.',
    check: 'grant.alive',
    code: 'authorization.time-limit-reached',
    wishes: () => ({ accessSeconds: 3_600 }),
    breaks: ({ hospital }) => hospital.advance(hours(1)),
  },
  {
    ...gmail,
    id: 'blocked-by-workspace',
    wrong: 'The Workspace’s administrator blocked the app.',
    put: 'The Workspace blocks the client.',
    check: 'grant.alive',
    code: 'authorization.admin-policy',
    wishes: workspaceUser,
    breaks: ({ google, project, tenant }) =>
      google.setWorkspacePolicy(`${tenant}.example`, { blockedClientIds: [project.clientId] }),
  },
  {
    ...gmail,
    id: 'session-control',
    wrong: 'The organisation’s session control ended the permission.',
    put: 'The Workspace’s cloud sessions last an hour, which passes.',
    check: 'grant.alive',
    code: 'authorization.session-control',
    wishes: workspaceUser,
    breaks: async ({ google, tenant, hospital }) => {
      await google.setWorkspacePolicy(`${tenant}.example`, { cloudSessionMs: hours(1) });
      await hospital.advance(hours(1));
    },
  },
  {
    ...gmail,
    id: 'client-replaced',
    wrong: 'Another OAuth client was stored after the mailbox was connected.',
    put: 'A second client of the same project is stored here.',
    check: 'grant.client',
    code: 'authorization.client-changed',
    breaks: async (patient) => {
      const redirectUris = callbacksOf(patient);
      const client = await patient.google.createClient(patient.project.projectId, { redirectUris });
      await patient.store({ gmail: client });
    },
  },
  {
    ...gmail,
    id: 'no-gmail',
    wrong: 'Gmail was turned off for the account.',
    put: 'The user has no Gmail any more.',
    check: 'mailbox.readable',
    code: 'gmail.not-enabled',
    breaks: ({ google, address }) => google.createUser(address, { hasGmail: false }),
  },
  {
    ...gmail,
    id: 'gmail-switched-off-for-apps',
    wrong: 'The domain’s administrators switched Gmail off for apps.',
    put: 'Gmail answers 403 `domainPolicy`.',
    check: 'mailbox.readable',
    code: 'gmail.domain-policy',
    breaks: refusing('/profile$', { code: 403, reason: 'domainPolicy' }),
  },
  {
    ...gmail,
    id: 'gmail-api-off-by-hand',
    wrong: 'The Gmail API is off, and no service account can look.',
    put: 'Provisioning is manual; all APIs but Gmail’s are on.',
    check: 'mailbox.readable',
    code: 'gmail.api-disabled',
    connect: 'nothing',
    wishes: byHand,
    breaks: async (patient) => {
      await addAndConsent(patient);
      await turnOff(patient, 'gmail.googleapis.com');
    },
  },
  {
    ...gmail,
    id: 'gmail-disturbed',
    wrong: 'Gmail does not answer properly.',
    put: 'Gmail answers 503.',
    check: 'mailbox.readable',
    code: 'gmail.unavailable',
    result: 'warn',
    breaks: refusing('^/gmail/v1/', { code: 503, reason: 'backendError' }),
  },
  {
    ...gmail,
    id: 'label-unknown',
    wrong: 'The filter names a label that is not there.',
    put: 'The mailbox is connected with a label that it does not have.',
    check: 'mailbox.labels',
    code: 'mailbox.label-unknown',
    connect: 'nothing',
    wishes: () => ({ labels: ['Nowhere'] }),
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'watch-held-elsewhere',
    wrong: 'A second system holds the mailbox’s watch.',
    put: 'The mailbox is watched with another topic, which has lost its publisher since.',
    check: 'mailbox.watch',
    code: 'gmail.watch-held-elsewhere',
    connect: 'nothing',
    breaks: async (patient) => {
      await watchedByAnother(patient);
      await addAndConsent(patient);
    },
  },
  {
    ...gmail,
    id: 'watch-ended',
    wrong: 'The watch ended and was not renewed.',
    put: 'Eight days pass while the maintenance service is down.',
    check: 'mailbox.watch',
    code: 'mailbox.watch-expired',
    breaks: ({ hospital }) => hospital.advance(days(8)),
  },
  {
    ...gmail,
    id: 'topic-missing-by-hand',
    wrong: 'The commands for a manual setup were not run.',
    put: 'Provisioning is manual, and nothing is made.',
    check: 'mailbox.watch',
    code: 'gmail.topic-not-found',
    connect: 'nothing',
    wishes: byHand,
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'nothing-pushed-by-hand',
    wrong: 'The topic was made by hand, the subscription was not.',
    put: 'Provisioning is manual; topic and grant are made; five minutes pass.',
    check: 'mailbox.first-notification',
    code: 'pubsub.not-proven',
    connect: 'nothing',
    wishes: byHand,
    breaks: async (patient) => {
      await patient.google.pubsub.createTopic(patient.topic);
      await patient.google.pubsub.grantPublishers(patient.topic);
      await addAndConsent(patient);
      await missNotification(patient);
    },
  },
  {
    ...gmail,
    id: 'no-first-notification',
    wrong: 'Google’s pushes do not get through, for example because of a firewall.',
    put: 'Pushes are lost on their way; five minutes pass.',
    check: 'mailbox.first-notification',
    code: 'mailbox.no-first-notification',
    connect: 'nothing',
    breaks: async (patient) => {
      await patient.google.addFault({
        match: { on: 'pubsub-push', pathPattern: patient.subscription },
        effect: { kind: 'drop' },
      });
      await addAndConsent(patient);
      await missNotification(patient);
    },
  },
  {
    ...gmail,
    id: 'mailbox-paused',
    wrong: 'The mailbox is paused.',
    put: 'It is paused here.',
    check: 'mailbox.paused',
    code: 'mailbox.paused',
    result: 'warn',
    breaks: (patient) => patient.call('POST', `/api/email/providers/${patient.providerId}/pause`, {}),
  },
  {
    ...gmail,
    id: 'message-parked',
    wrong: 'A message cannot be processed.',
    put: 'Gmail refuses to give out one message.',
    check: 'mailbox.parked',
    code: 'mailbox.messages-parked',
    result: 'warn',
    breaks: async (patient) => {
      await refusing('/messages/', { code: 400, reason: 'invalidArgument' })(patient);
      await patient.mailComes('Odd');
      await patient.until<{ parked: unknown[] }>(
        `/api/email/providers/${patient.providerId}/parked-messages`,
        ({ parked }) => parked.length > 0,
      );
    },
  },
  {
    ...gmail,
    id: 'history-refused',
    wrong: 'The mailbox’s history cannot be read.',
    put: 'Gmail refuses the history, and a mail comes.',
    check: 'mailbox.reading',
    code: 'gmail.domain-policy',
    breaks: async (patient) => {
      await refusing('/history$', { code: 403, reason: 'domainPolicy' })(patient);
      await patient.mailComes('Unread');
      await patient.until<{ history: { type: string }[] }>(
        `/api/email/providers/${patient.providerId}/history`,
        ({ history }) => history.some(({ type }) => type === 'SyncFailed'),
      );
    },
  },
];

function workspaceUser(tenant: string) {
  const workspaceDomain = `${tenant}.example`;
  return { seed: { users: [{ email: `support@${workspaceDomain}`, workspaceDomain }] } };
}

export function addMailbox(patient: Patient): Promise<void> {
  return patient.addMailbox();
}

async function addAndConsent(patient: Patient): Promise<void> {
  await addMailbox(patient);
  await patient.consent('gmail');
}

/** All questions of this tenant’s mailbox on a path are refused so. */
export function refusing(
  pathPattern: string,
  refusal: { code: number; reason: string },
): (patient: Patient) => Promise<unknown> {
  return ({ google, address }) =>
    google.addFault({ match: { pathPattern, caller: address }, effect: { kind: 'error', ...refusal } });
}

/** What the due list does when the first notification does not come. */
async function missNotification({ hospital, tenant, providerId }: Patient): Promise<void> {
  await hospital.advance(minutes(6));
  await hospital.asking.ask(CheckFirstNotification, { providerId }, beginning(tenant, 'spec'));
}

async function watchedByAnother({ google, hospital, project, address }: Patient): Promise<void> {
  const topic = `projects/${project.projectId}/topics/crm-mail`;
  await google.pubsub.createTopic(topic);
  await google.pubsub.grantPublishers(topic);
  const { world } = hospital.embedded.simulator;
  const holder = { kind: 'user' as const, sub: world.user(address)!.sub, clientId: project.clientId };
  const { token } = world.oauth.issueAccessToken(holder, [readonly]);
  const response = await fetch(`${world.url}/gmail/v1/users/me/watch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ topicName: topic }),
  });
  if (!response.ok) throw new Error(`The second system could not watch: ${await response.text()}`);
  await google.pubsub.grantPublishers(topic, []);
}
