import type { ProblemDefinition } from './problem-definition.js';

const clients = 'https://console.cloud.google.com/auth/clients?project={projectId}';
const serviceAccounts = 'https://console.cloud.google.com/iam-admin/serviceaccounts?project={projectId}';
const iam = 'https://console.cloud.google.com/iam-admin/iam?project={projectId}';
const topics = 'https://console.cloud.google.com/cloudpubsub/topic/list?project={projectId}';
const subscription =
  'https://console.cloud.google.com/cloudpubsub/subscription/detail/{subscription}?project={projectId}';
const mended =
  'The service corrects it at the next look when it has a service account key; with manual provisioning run the shown commands.';
const publicAddress =
  'Set BASE_URL to an HTTPS address with a name under a public domain, for example https://psa.example.com. It need not be reachable from everywhere for the sign-in, but Google has to reach it to notify.';

/** What only a verification finds, because nothing else looks at it. */
export const doctorProblems = {
  'verification.running': {
    sentence: 'Another verification of this tenant is running.',
    actor: 'caller',
    remedy: 'Wait for it: it takes at most 20 seconds. Then ask again.',
    kind: 'refusal',
  },
  'base-url.not-https': {
    sentence: 'The address {baseUrl} is not HTTPS, and Google accepts no other.',
    actor: 'operator',
    remedy: publicAddress,
    kind: 'configuration',
  },
  'base-url.ip-address': {
    sentence: 'The address {baseUrl} is an IP address, which Google does not take as a redirect URI.',
    actor: 'operator',
    remedy: publicAddress,
    kind: 'configuration',
  },
  'base-url.not-public': {
    sentence: 'The name in {baseUrl} is not under a public domain, so Google does not take it.',
    actor: 'operator',
    remedy: publicAddress,
    kind: 'configuration',
  },
  'base-url.malformed': {
    sentence: 'The address {baseUrl} holds what Google does not take in a redirect URI: {what}.',
    actor: 'operator',
    remedy: publicAddress,
    kind: 'configuration',
  },
  'service-account-key.missing': {
    sentence: 'No usable service account key is stored, so nothing can be made in the project.',
    actor: 'tenant-admin',
    remedy:
      'Create a JSON key for the service account and upload it. If the organisation forbids keys (constraint iam.disableServiceAccountKeyCreation), choose manual provisioning and run the shown commands.',
    kind: 'configuration',
    link: serviceAccounts,
  },
  'service-account.disabled': {
    sentence: 'The service account {serviceAccount} is disabled.',
    actor: 'tenant-admin',
    remedy: 'Enable it under IAM & Admin → Service Accounts.',
    kind: 'configuration',
    link: serviceAccounts,
  },
  'oauth-client.unknown': {
    sentence: 'Google knows no OAuth client with this id.',
    actor: 'tenant-admin',
    remedy: 'Copy the Client ID again from Google Auth Platform → Clients, and enter it with its secret.',
    kind: 'configuration',
    link: clients,
  },
  'oauth-client.other-project': {
    sentence:
      'The OAuth client belongs to the project with the number {clientProject}, but {projectId} has the number {projectNumber}.',
    actor: 'tenant-admin',
    remedy:
      'Use an OAuth client of the project {projectId}, or enter the client’s own project: Gmail publishes only to topics of the client’s project.',
    kind: 'configuration',
    link: clients,
  },
  'pubsub.may-not-create': {
    sentence: 'The service account may not make or change topics and subscriptions ({permissions}).',
    actor: 'tenant-admin',
    remedy: 'Grant the service account the role Pub/Sub Admin (roles/pubsub.admin) on the project.',
    kind: 'configuration',
    link: iam,
  },
  'pubsub.may-not-grant': {
    sentence: 'The service account may not let Gmail publish ({permissions}).',
    actor: 'tenant-admin',
    remedy:
      'Grant the service account the role Pub/Sub Admin (roles/pubsub.admin) on the project; Pub/Sub Editor is not enough.',
    kind: 'configuration',
    link: iam,
  },
  'pubsub.subscription-missing': {
    sentence: 'The push subscription {subscription} does not exist.',
    actor: 'tenant-admin',
    remedy: `Nothing may be delivered without it. ${mended}`,
    kind: 'configuration',
    link: 'https://console.cloud.google.com/cloudpubsub/subscription/list?project={projectId}',
  },
  'pubsub.subscription-without-topic': {
    sentence: 'The topic of the subscription {subscription} was deleted; it gets nothing any more.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.subscription-detached': {
    sentence: 'The subscription {subscription} was detached from its topic.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.subscription-inactive': {
    sentence: 'Google does not deliver to the subscription {subscription}: its state is {state}.',
    actor: 'tenant-admin',
    remedy: 'Open the subscription in Google’s console: it says what it waits for.',
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.subscription-is-pull': {
    sentence: 'The subscription {subscription} waits to be pulled and pushes nothing.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.endpoint-differs': {
    sentence: 'The subscription {subscription} pushes to {found} instead of {endpoint}.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.push-unsigned': {
    sentence: 'The subscription {subscription} pushes without authentication, so nothing of it is believed.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.audience-differs': {
    sentence: 'The tokens of the subscription {subscription} carry another audience than {endpoint}.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.identity-differs': {
    sentence: 'The subscription {subscription} signs as {found} instead of {serviceAccount}.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.filtered': {
    sentence: 'The subscription {subscription} has a filter, and Gmail’s notifications do not pass it.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.content-changed': {
    sentence: 'The subscription {subscription} changes what it passes on ({how}).',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'configuration',
    link: subscription,
  },
  'pubsub.dead-lettered': {
    sentence: 'The subscription {subscription} puts notifications aside after some failed attempts.',
    actor: 'tenant-admin',
    remedy: mended,
    kind: 'notice',
    link: subscription,
  },
  'pubsub.subscription-expires': {
    sentence: 'Google deletes the subscription {subscription} after {days} days without a message.',
    actor: 'tenant-admin',
    remedy: `Set its expiration to never. ${mended}`,
    kind: 'notice',
    link: subscription,
  },
  'pubsub.deadline-short': {
    sentence: 'The subscription {subscription} waits {seconds} seconds for an answer, less than is advised.',
    actor: 'tenant-admin',
    remedy: `Set its acknowledgement deadline to {advised} seconds. ${mended}`,
    kind: 'notice',
    link: subscription,
  },
  'gmail.watch-rivals': {
    sentence:
      'Gmail may also publish to {topics} in this project: another system may watch the same mailboxes, and Google gives each mailbox only one watch per project.',
    actor: 'tenant-admin',
    remedy:
      'Before connecting a mailbox, make sure that the other system does not watch it, or give one of the two its own Google project: connecting here ends the other one’s notifications.',
    kind: 'notice',
    link: topics,
    cause: 'inferred',
  },
  'calendar.channel-missing': {
    sentence: 'Google does not notify about {calendars}, although nothing is known that prevents it.',
    actor: 'operator',
    remedy:
      'Check that the calendar and maintenance services run; they open channels by themselves. Nothing is lost: the calendars are compared every 10 to 15 minutes.',
    kind: 'notice',
    cause: 'inferred',
  },
} satisfies Record<string, ProblemDefinition>;
