import type { Fault } from './fault.js';
import type { Patient } from './patient.js';
import { turnOff } from './setup-faults.js';

const config = { about: 'config', result: 'fail' } as const;

const roles =
  (...granted: string[]) =>
  ({ google, project }: Patient): Promise<void> =>
    google.changeServiceAccount(project.serviceAccountEmail, { roles: granted });

/** What can be wrong between the service account and the first push. */
export const pubsubFaults: Fault[] = [
  {
    ...config,
    id: 'may-not-create',
    wrong: 'The service account may only look.',
    put: 'Its only role is Pub/Sub Viewer.',
    check: 'permission.create',
    code: 'pubsub.may-not-create',
    breaks: roles('roles/pubsub.viewer'),
  },
  {
    ...config,
    id: 'may-not-grant',
    wrong: 'The service account may not let Gmail publish.',
    put: 'Its only role is Pub/Sub Editor.',
    check: 'permission.grant',
    code: 'pubsub.may-not-grant',
    breaks: roles('roles/pubsub.editor'),
  },
  {
    ...config,
    id: 'may-not-act-as',
    wrong: 'The service account may not let Pub/Sub sign in its name.',
    put: 'Service Account User on itself is taken from it.',
    check: 'permission.act-as',
    code: 'pubsub.act-as-missing',
    breaks: ({ google, project }) =>
      google.changeServiceAccount(project.serviceAccountEmail, { canActAs: [] }),
  },
  {
    ...config,
    id: 'refused-where-permissions-are-hidden',
    wrong: 'The service account may do nothing, and Resource Manager cannot be asked.',
    put: 'It has no role; the Resource Manager API is off.',
    check: 'pubsub.topic',
    code: 'pubsub.permission-denied',
    breaks: async (patient) => {
      await turnOff(patient, 'cloudresourcemanager.googleapis.com');
      await roles()(patient);
    },
  },
  {
    ...config,
    id: 'act-as-refused-where-permissions-are-hidden',
    wrong: 'The subscription could not be made, and IAM cannot be asked why.',
    put: 'The account may not act as itself from the beginning; the IAM API is off.',
    check: 'pubsub.subscription',
    code: 'pubsub.act-as-missing',
    wishes: () => ({ seed: { canActAs: [] } }),
    breaks: (patient) => turnOff(patient, 'iam.googleapis.com'),
  },
  {
    ...config,
    id: 'domain-restricted',
    wrong: 'The organisation’s policy forbids granting Gmail the right to publish.',
    put: 'The project’s organisation restricts sharing to its domain.',
    check: 'pubsub.publisher',
    code: 'pubsub.domain-restricted',
    wishes: (tenant) => ({
      seed: { organization: { domain: `${tenant}.example`, domainRestrictedSharing: true } },
    }),
  },
  {
    ...config,
    id: 'topic-deleted',
    wrong: 'The topic was deleted.',
    put: 'The topic is deleted.',
    check: 'pubsub.topic',
    code: 'gmail.topic-not-found',
    breaks: ({ google, topic }) => google.pubsub.deleteTopic(topic),
  },
  {
    ...config,
    id: 'publisher-missing',
    wrong: 'Gmail was taken off the topic’s publishers.',
    put: 'The topic has no publisher.',
    check: 'pubsub.publisher',
    code: 'gmail.publisher-grant-missing',
    breaks: ({ google, topic }) => google.pubsub.grantPublishers(topic, []),
  },
  {
    ...config,
    id: 'subscription-deleted',
    wrong: 'The subscription was deleted, or expired.',
    put: 'The subscription is deleted.',
    check: 'pubsub.subscription',
    code: 'pubsub.subscription-missing',
    breaks: ({ google, subscription }) => google.pubsub.deleteSubscription(subscription),
  },
  {
    ...config,
    id: 'subscription-without-topic',
    wrong: 'The topic was deleted and made anew: the subscription still hangs on the deleted one.',
    put: 'The topic is deleted, made again by hand, and Gmail allowed to publish.',
    check: 'pubsub.subscription',
    code: 'pubsub.subscription-without-topic',
    breaks: async ({ google, topic }) => {
      await google.pubsub.deleteTopic(topic);
      await google.pubsub.createTopic(topic);
      await google.pubsub.grantPublishers(topic);
    },
  },
  {
    ...config,
    id: 'subscription-of-other-topic',
    wrong: 'There is a subscription of this name, of another topic.',
    put: 'The subscription is made again by hand on a second topic.',
    check: 'pubsub.subscription',
    code: 'pubsub.subscription-of-other-topic',
    breaks: async (patient) => {
      const topic = `${patient.topic}-other`;
      await patient.google.pubsub.createTopic(topic);
      await remade(patient, { topic });
    },
  },
  {
    ...config,
    id: 'subscription-detached',
    wrong: 'The subscription was detached.',
    put: 'The subscription is detached.',
    check: 'pubsub.state',
    code: 'pubsub.subscription-detached',
    breaks: ({ google, subscription }) => google.pubsub.detachSubscription(subscription),
  },
  {
    ...config,
    id: 'subscription-inactive',
    wrong: 'Google says that it cannot deliver to the subscription.',
    put: 'The subscription’s state is RESOURCE_ERROR.',
    check: 'pubsub.state',
    code: 'pubsub.subscription-inactive',
    breaks: ({ google, subscription }) => google.pubsub.failSubscription(subscription),
  },
  {
    ...config,
    id: 'subscription-is-pull',
    wrong: 'The subscription pushes nothing.',
    put: 'It is made again by hand without a push endpoint.',
    check: 'pubsub.endpoint',
    code: 'pubsub.subscription-is-pull',
    breaks: (patient) => remade(patient, { pushConfig: {} }),
  },
  {
    ...config,
    id: 'endpoint-differs',
    wrong: 'The subscription pushes to the address of before.',
    put: 'It is made again by hand with another endpoint.',
    check: 'pubsub.endpoint',
    code: 'pubsub.endpoint-differs',
    breaks: (patient) =>
      repushed(patient, { pushEndpoint: 'https://old.example.com/api/email/webhooks/google' }),
  },
  {
    ...config,
    id: 'push-unsigned',
    wrong: 'The subscription pushes without authentication.',
    put: 'It is made again by hand without a token.',
    check: 'pubsub.audience',
    code: 'pubsub.push-unsigned',
    breaks: (patient) => repushed(patient, { oidcToken: undefined }),
  },
  {
    ...config,
    id: 'audience-differs',
    wrong: 'The subscription’s tokens are meant for another audience.',
    put: 'It is made again by hand with another audience.',
    check: 'pubsub.audience',
    code: 'pubsub.audience-differs',
    breaks: (patient) =>
      repushed(patient, {
        oidcToken: {
          serviceAccountEmail: patient.project.serviceAccountEmail,
          audience: `${patient.endpoint}/`,
        },
      }),
  },
  {
    ...config,
    id: 'identity-differs',
    wrong: 'The subscription signs as another service account.',
    put: 'It is made again by hand with a second account of the project.',
    check: 'pubsub.identity',
    code: 'pubsub.identity-differs',
    breaks: async (patient) => {
      const { email } = await patient.google.createServiceAccount(patient.project.projectId, {
        name: 'somebody-else',
      });
      await repushed(patient, { oidcToken: { serviceAccountEmail: email, audience: patient.endpoint } });
    },
  },
  {
    ...config,
    id: 'subscription-filtered',
    wrong: 'The subscription has a filter.',
    put: 'It is made again by hand with a filter.',
    check: 'pubsub.content',
    code: 'pubsub.filtered',
    breaks: (patient) => remade(patient, { filter: 'attributes:source' }),
  },
  {
    ...config,
    id: 'subscription-unwrapped',
    wrong: 'The subscription pushes without Pub/Sub’s envelope.',
    put: 'It is made again by hand without the wrapper.',
    check: 'pubsub.content',
    code: 'pubsub.content-changed',
    breaks: (patient) => repushed(patient, { noWrapper: { writeMetadata: true } }),
  },
  {
    ...config,
    id: 'subscription-transformed',
    wrong: 'The subscription changes messages on their way.',
    put: 'It is made again by hand with a message transform.',
    check: 'pubsub.content',
    code: 'pubsub.content-changed',
    breaks: (patient) =>
      remade(patient, {
        messageTransforms: [{ javascriptUdf: { functionName: 'f', code: 'function f(m) { return m; }' } }],
      }),
  },
  {
    ...config,
    id: 'subscription-dead-lettered',
    wrong: 'The subscription puts notifications aside.',
    put: 'It is made again by hand with a dead-letter policy.',
    check: 'pubsub.content',
    code: 'pubsub.dead-lettered',
    result: 'warn',
    breaks: (patient) => remade(patient, { deadLetterPolicy: { deadLetterTopic: `${patient.topic}-dead` } }),
  },
  {
    ...config,
    id: 'subscription-expires',
    wrong: 'The subscription is deleted after 31 days without a message.',
    put: 'It is made again by hand with Google’s default.',
    check: 'pubsub.expiry',
    code: 'pubsub.subscription-expires',
    result: 'warn',
    breaks: (patient) => remade(patient, { expirationPolicy: undefined }),
  },
  {
    ...config,
    id: 'deadline-short',
    wrong: 'The subscription waits ten seconds for an answer only.',
    put: 'It is made again by hand with Google’s default.',
    check: 'pubsub.deadline',
    code: 'pubsub.deadline-short',
    result: 'warn',
    breaks: (patient) => remade(patient, { ackDeadlineSeconds: undefined }),
  },
  {
    ...config,
    id: 'second-system',
    wrong: 'A second system gets Gmail’s notifications in the same project.',
    put: 'Another topic of the project has Gmail as publisher.',
    check: 'pubsub.rivals',
    code: 'gmail.watch-rivals',
    result: 'warn',
    breaks: async ({ google, project }) => {
      const topic = `projects/${project.projectId}/topics/crm-mail`;
      await google.pubsub.createTopic(topic);
      await google.pubsub.grantPublishers(topic);
    },
  },
  {
    ...config,
    id: 'pubsub-disturbed',
    wrong: 'Pub/Sub does not answer properly.',
    put: 'The project’s topics and subscriptions answer 503.',
    check: 'pubsub.topic',
    code: 'pubsub.unavailable',
    result: 'warn',
    breaks: ({ google, project }) =>
      google.addFault({
        match: { pathPattern: `^/v1/projects/${project.projectId}/(topics|subscriptions)` },
        effect: { kind: 'error', code: 503, status: 'UNAVAILABLE' },
      }),
  },
];

/** The subscription as it was, with some of it changed, as somebody makes it by hand. */
async function remade({ google, subscription }: Patient, change: Record<string, unknown>): Promise<void> {
  const { name: _name, state: _state, ...config } = await google.pubsub.subscription(subscription);
  await google.pubsub.deleteSubscription(subscription);
  await google.pubsub.createSubscription(subscription, { ...config, ...change });
}

async function repushed(patient: Patient, change: Record<string, unknown>): Promise<void> {
  const { pushConfig } = await patient.google.pubsub.subscription(patient.subscription);
  await remade(patient, { pushConfig: { ...pushConfig, ...change } });
}
