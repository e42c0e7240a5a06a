import type { ProblemDefinition } from './problem-definition.js';

const iam = 'https://console.cloud.google.com/iam-admin/iam?project={projectId}';
const topicPage = 'https://console.cloud.google.com/cloudpubsub/topic/list?project={projectId}';
const serviceAccounts = 'https://console.cloud.google.com/iam-admin/serviceaccounts?project={projectId}';

/** What can go wrong between the tenant's Pub/Sub topic and our webhook. */
export const pubsubProblems = {
  'service-account.key-refused': {
    sentence: 'Google does not accept the service account key: it was deleted, disabled or replaced.',
    actor: 'tenant-admin',
    remedy: 'Create a new JSON key for the service account and upload it in the Google setup.',
    kind: 'configuration',
    link: serviceAccounts,
  },
  'service-account.clock-off': {
    sentence: 'Google does not accept the time on our signature: this machine’s clock is wrong.',
    actor: 'operator',
    remedy: 'Correct the clock of the machine (NTP).',
    kind: 'configuration',
  },
  'service-account.deleted': {
    sentence: 'The service account {serviceAccount} no longer exists.',
    actor: 'tenant-admin',
    remedy: 'Create a service account in the project and upload its JSON key in the Google setup.',
    kind: 'configuration',
    link: serviceAccounts,
  },
  'pubsub.api-disabled': {
    sentence: 'The Cloud Pub/Sub API is not enabled in the project {projectId}.',
    actor: 'tenant-admin',
    remedy: 'Open the link and press Enable, then wait a few minutes.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/apis/library/pubsub.googleapis.com?project={projectId}',
  },
  'pubsub.permission-denied': {
    sentence: 'The service account may not {action} in the project {projectId}.',
    actor: 'tenant-admin',
    remedy: 'Grant the service account the role Pub/Sub Admin (roles/pubsub.admin) on the project.',
    kind: 'configuration',
    link: iam,
  },
  'pubsub.act-as-missing': {
    sentence: 'The service account may not let Pub/Sub sign in its name (iam.serviceAccounts.actAs).',
    actor: 'tenant-admin',
    remedy:
      'Grant the service account {serviceAccount} the role Service Account User (roles/iam.serviceAccountUser) on itself.',
    kind: 'configuration',
    link: serviceAccounts,
  },
  'pubsub.project-not-found': {
    sentence: 'The project {projectId} does not exist, or the service account is not of it.',
    actor: 'tenant-admin',
    remedy:
      'Correct the project id in the Google setup; it has to be the project of the OAuth client and of the service account.',
    kind: 'configuration',
  },
  'pubsub.domain-restricted': {
    sentence:
      'The organisation’s policy (domain-restricted sharing) forbids granting Gmail the right to publish.',
    actor: 'tenant-admin',
    remedy:
      'Let an organisation policy administrator allow an exception for this project (constraint iam.allowedPolicyMemberDomains or iam.managed.allowedPolicyMembers), grant roles/pubsub.publisher on the topic to gmail-api-push@system.gserviceaccount.com, and restore the policy; or choose manual provisioning.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/iam-admin/orgpolicies/iam-allowedPolicyMemberDomains?project={projectId}',
  },
  'pubsub.subscription-of-other-topic': {
    sentence: 'The subscription {subscription} exists but belongs to {otherTopic}.',
    actor: 'tenant-admin',
    remedy: 'Delete the subscription {subscription} in the project; the service then makes it anew.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/cloudpubsub/subscription/list?project={projectId}',
  },
  'pubsub.not-proven': {
    sentence: 'Manual provisioning is chosen and no notification has arrived yet.',
    actor: 'tenant-admin',
    remedy:
      'Run the commands shown in the Google setup (topic, publisher grant, push subscription), then check again.',
    kind: 'configuration',
    link: topicPage,
  },
  'pubsub.url-not-public': {
    sentence: 'Google refuses the push address {endpoint}.',
    actor: 'operator',
    remedy:
      'Set BASE_URL to the public HTTPS address of this installation, with a certificate of a public authority.',
    kind: 'configuration',
  },
  'pubsub.unavailable': {
    sentence: 'Google Pub/Sub does not answer properly at the moment ({detail}).',
    actor: 'nobody',
    remedy: 'The service tries again by itself.',
    kind: 'transient',
  },
  'pubsub.refused': {
    sentence: 'Google Pub/Sub refuses to {action}: {detail}',
    actor: 'tenant-admin',
    remedy: 'Correct what Google’s message names in the project {projectId}.',
    kind: 'configuration',
    link: topicPage,
  },
} satisfies Record<string, ProblemDefinition>;
