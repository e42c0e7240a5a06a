import type { Configuration } from '#configuration/configuration';

/** The host's names, so that what a tenant has from before is adopted and not doubled. */
export const topicOf = (projectId: string, tenantId: string): string =>
  `projects/${projectId}/topics/gmail-notifications-${tenantId}`;

export const subscriptionOf = (projectId: string, tenantId: string): string =>
  `projects/${projectId}/subscriptions/gmail-webhook-${tenantId}`;

/** Where Google pushes to; byte for byte the audience of its tokens too. */
export const endpointOf = ({ baseUrl }: Pick<Configuration, 'baseUrl'>): string =>
  `${baseUrl}/api/email/webhooks/google`;

/** Whose name pushes are signed in when the tenant provisions by hand and has given no account. */
export const defaultServiceAccount = (projectId: string): string =>
  `gmail-push@${projectId}.iam.gserviceaccount.com`;

/** Gmail itself, which has to be allowed to publish. */
export const gmailPublisher = 'serviceAccount:gmail-api-push@system.gserviceaccount.com';
export const publisherRole = 'roles/pubsub.publisher';

export const lastSegment = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
