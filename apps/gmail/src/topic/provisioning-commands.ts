import {
  defaultServiceAccount,
  gmailPublisher,
  lastSegment,
  publisherRole,
  subscriptionOf,
  topicOf,
} from './names.js';
import { ackDeadlineSeconds, retry } from './plan-repairs.js';

export interface ManualProvisioning {
  projectId: string;
  tenantId: string;
  endpoint: string;
  serviceAccountEmail: string;
}

/** What a tenant's admin runs in Cloud Shell when the service may not do it itself. Each line can be run again. */
export function provisioningCommands(wanted: ManualProvisioning): string[] {
  const { projectId, tenantId, endpoint, serviceAccountEmail } = wanted;
  const topic = lastSegment(topicOf(projectId, tenantId));
  const subscription = lastSegment(subscriptionOf(projectId, tenantId));
  const inProject = `--project=${quoted(projectId)}`;
  const ownAccount = serviceAccountEmail === defaultServiceAccount(projectId);
  return [
    `gcloud services enable gmail.googleapis.com pubsub.googleapis.com ${inProject}`,
    ...(ownAccount
      ? [
          `gcloud iam service-accounts create ${quoted(serviceAccountEmail.split('@')[0]!)} --display-name=${quoted('Signs Gmail notifications')} ${inProject}`,
        ]
      : []),
    `gcloud pubsub topics create ${quoted(topic)} ${inProject}`,
    `gcloud pubsub topics add-iam-policy-binding ${quoted(topic)} --member=${quoted(gmailPublisher)} --role=${quoted(publisherRole)} ${inProject}`,
    [
      `gcloud pubsub subscriptions create ${quoted(subscription)} --topic=${quoted(topic)}`,
      `--push-endpoint=${quoted(endpoint)} --push-auth-service-account=${quoted(serviceAccountEmail)}`,
      `--push-auth-token-audience=${quoted(endpoint)} --ack-deadline=${ackDeadlineSeconds} --expiration-period=never`,
      `--message-retention-duration=7d --min-retry-delay=${retry.minimumSeconds}s --max-retry-delay=${retry.maximumSeconds}s ${inProject}`,
    ].join(' '),
  ];
}

/** Whatever the value holds, the shell takes it as one word. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
