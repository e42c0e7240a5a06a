import { CheckFirstNotification } from '#contracts/gmail';
import { beginning } from '#messaging/envelope';
import { days, minutes } from '#time/clock';
import type { Fault } from './fault.js';
import type { Patient } from './patient.js';
import { addAndConsent, readonly } from './permission-faults.js';
import { turnOff } from './setup-faults.js';

const gmail = { about: 'gmail', result: 'fail' } as const;

/** A setup without a key, with the account that signs. */
const byHand = (tenant: string) => ({
  form: {
    provisioning: 'manual',
    serviceAccountKey: null,
    pushServiceAccount: `helpdesk-mail@${tenant}-project.iam.gserviceaccount.com`,
  },
});

/** What can be wrong with a mailbox whose setup and permission are right. */
export const mailboxFaults: Fault[] = [
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
