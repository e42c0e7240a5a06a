import type { ProblemDefinition } from './problem-definition.js';

const topicPage = 'https://console.cloud.google.com/cloudpubsub/topic/list?project={projectId}';

/** What can go wrong between a mailbox and its messages. */
export const gmailProblems = {
  'mailbox.not-found': {
    sentence: 'There is no mailbox with the id {providerId}.',
    actor: 'caller',
    remedy: 'Check the id; another tenant’s mailboxes are never visible.',
    kind: 'refusal',
  },
  'mailbox.address-taken': {
    sentence: 'The mailbox {address} is connected already, as "{name}".',
    actor: 'caller',
    remedy: 'Use that provider, or remove it first: Google allows one watch per mailbox and project.',
    kind: 'refusal',
  },
  'mailbox.paused': {
    sentence: 'The mailbox is paused.',
    actor: 'caller',
    remedy: 'Resume it first.',
    kind: 'refusal',
  },
  'mailbox.not-connected': {
    sentence: 'The mailbox is not connected.',
    actor: 'mailbox-owner',
    remedy: 'Connect the mailbox first.',
    kind: 'refusal',
  },
  'mailbox.label-unknown': {
    sentence: 'The mailbox has no label named {labels}.',
    actor: 'tenant-admin',
    remedy:
      'Correct the label filter, or create the label in Gmail. The service never falls back to the whole mailbox.',
    kind: 'configuration',
  },
  'mailbox.no-first-notification': {
    sentence: 'Gmail watches the mailbox, but its first notification has not arrived.',
    actor: 'tenant-admin',
    remedy:
      'Check that BASE_URL is reachable from the internet over HTTPS and that the push subscription {subscription} points at {endpoint}.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/cloudpubsub/subscription/list?project={projectId}',
    cause: 'inferred',
  },
  'mailbox.watch-expired': {
    sentence: 'Gmail has stopped notifying about the mailbox: its watch ended and was not renewed.',
    actor: 'operator',
    remedy:
      'Renew it now (POST /api/email/refresh-watch); if that fails its answer says why. Nothing is lost: reading goes on where it stopped.',
    kind: 'configuration',
  },
  'mailbox.watch-not-renewed': {
    sentence: 'The watch of the mailbox ends at {expiresAt}, and nobody has renewed it since {renewedAt}.',
    actor: 'operator',
    remedy:
      'Check that the maintenance and gmail services run and reach NATS and PostgreSQL; POST /api/email/refresh-watch renews it now.',
    kind: 'configuration',
    cause: 'inferred',
  },
  'mailbox.not-watched': {
    sentence:
      'The permission was given at {since}, but Gmail has not been asked to notify, and nothing is known that prevents it.',
    actor: 'operator',
    remedy:
      'Check that the gmail service runs and reaches NATS and PostgreSQL, and what it has parked; its log says more.',
    kind: 'transient',
    cause: 'inferred',
  },
  'mailbox.not-read': {
    sentence:
      'The mailbox was last read to its end at {since}, although nothing is known that prevents it: new mail is not coming in.',
    actor: 'operator',
    remedy:
      'Check that the gmail and maintenance services run and reach NATS and PostgreSQL; their logs say more. Nothing is lost: reading goes on where it stopped.',
    kind: 'transient',
    cause: 'inferred',
  },
  'mailbox.pushes-missing': {
    sentence:
      'No notification has come since {since}, although Gmail had something to tell: new mail is found only by looking every ten minutes.',
    actor: 'tenant-admin',
    remedy:
      'The service looks after topic and subscription by itself. Check that {endpoint} is reachable from the internet over HTTPS, that the push subscription {subscription} is there and has no backlog, that no organisation policy forbids Gmail to publish, and that no other system of the project watches the mailbox.',
    kind: 'notice',
    link: 'https://console.cloud.google.com/cloudpubsub/subscription/list?project={projectId}',
    cause: 'inferred',
  },
  'mailbox.gap-searched': {
    sentence: 'Google no longer knows a part of the mailbox’s history; the mailbox is being searched for it.',
    actor: 'nobody',
    remedy: 'Nothing: what is found is delivered like any other message.',
    kind: 'notice',
  },
  'mailbox.gap-left': {
    sentence: 'The search for a gap ended at its limit; messages since {since} may be missing.',
    actor: 'operator',
    remedy: 'Raise BACKFILL_DAYS or BACKFILL_MESSAGES, and compare the mailbox with what was delivered.',
    kind: 'notice',
  },
  'mailbox.messages-parked': {
    sentence: '{count} message(s) could not be processed and are parked.',
    actor: 'operator',
    remedy: 'Look at the parked messages and their reasons; retry them there.',
    kind: 'notice',
  },
  'gmail.topic-in-other-project': {
    sentence:
      'The topic is in another project than the OAuth client. Google expects projects/{expectedProject}/topics/…',
    actor: 'tenant-admin',
    remedy: 'Set the project id to {expectedProject}, or use an OAuth client of the configured project.',
    kind: 'configuration',
  },
  'gmail.publisher-grant-missing': {
    sentence: 'Gmail may not publish to the topic {topic}.',
    actor: 'tenant-admin',
    remedy:
      'Grant gmail-api-push@system.gserviceaccount.com the role Pub/Sub Publisher (roles/pubsub.publisher) on the topic. The service tries again by itself.',
    kind: 'configuration',
    link: topicPage,
  },
  'gmail.topic-not-found': {
    sentence: 'The topic {topic} does not exist.',
    actor: 'tenant-admin',
    remedy:
      'The service makes it again when it has a service account key; with manual provisioning run the shown commands.',
    kind: 'configuration',
    link: topicPage,
  },
  'gmail.watch-held-elsewhere': {
    sentence: 'Another system of the same Google project watches this mailbox with another topic.',
    actor: 'tenant-admin',
    remedy:
      'Stop the other system, or give one of the two its own Google project: Google allows one watch per mailbox and project.',
    kind: 'configuration',
  },
  'gmail.not-enabled': {
    sentence: 'The account {address} has no Gmail.',
    actor: 'workspace-admin',
    remedy: 'Turn Gmail on for the account in the Workspace admin console, or choose another mailbox.',
    kind: 'configuration',
  },
  'gmail.api-disabled': {
    sentence: 'The Gmail API is not enabled in the tenant’s Google project.',
    actor: 'tenant-admin',
    remedy: 'Open the link and press Enable, then wait a few minutes.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/apis/library/gmail.googleapis.com?project={projectId}',
  },
  'gmail.scope-insufficient': {
    sentence: 'The permission given does not include reading the mailbox.',
    actor: 'mailbox-owner',
    remedy: 'Connect the mailbox again and tick every box on Google’s consent page.',
    kind: 'configuration',
  },
  'gmail.domain-policy': {
    sentence: 'The domain’s administrators have switched off access to Gmail for apps.',
    actor: 'workspace-admin',
    remedy: 'Allow Gmail API access for the app under Admin console → Security → API controls.',
    kind: 'configuration',
  },
  'gmail.delegation-denied': {
    sentence: 'The connected account may not read the mailbox {address}.',
    actor: 'mailbox-owner',
    remedy: 'Connect again as {address} itself; Gmail’s delegation gives apps no access.',
    kind: 'configuration',
  },
  'gmail.unauthorized': {
    sentence: 'Gmail refuses the fresh access token of this connection.',
    actor: 'mailbox-owner',
    remedy: 'The service tries again by itself; if it persists, connect the mailbox again.',
    kind: 'transient',
  },
  'gmail.rate-limited': {
    sentence: 'Gmail asks for fewer requests for this mailbox.',
    actor: 'nobody',
    remedy: 'The service waits and goes on by itself.',
    kind: 'transient',
  },
  'gmail.daily-limit': {
    sentence: 'The project’s daily limit of Gmail requests is used up.',
    actor: 'tenant-admin',
    remedy: 'Wait until tomorrow, or raise the quota of the Gmail API in the project.',
    kind: 'transient',
    link: 'https://console.cloud.google.com/apis/api/gmail.googleapis.com/quotas?project={projectId}',
  },
  'gmail.unavailable': {
    sentence: 'Gmail does not answer properly at the moment ({detail}).',
    actor: 'nobody',
    remedy: 'The service tries again by itself.',
    kind: 'transient',
  },
  'gmail.refused': {
    sentence: 'Gmail refuses the request: {detail}',
    actor: 'operator',
    remedy: 'Look at the provider’s history for the step that failed; the service tries again by itself.',
    kind: 'configuration',
  },
  'gmail.not-found': {
    sentence: 'Gmail does not know what was asked for.',
    actor: 'nobody',
    remedy: 'Nothing: the message was deleted meanwhile, or the history is older than Google keeps it.',
    kind: 'refusal',
  },
} satisfies Record<string, ProblemDefinition>;
