import type { ProblemDefinition } from './problem-definition.js';

/** What can be wrong with an account's calendars. */
export const calendarProblems = {
  'calendar-provider.not-found': {
    sentence: 'There is no calendar provider with the id {providerId}.',
    actor: 'caller',
    remedy: 'Check the id; another tenant’s providers are never visible.',
    kind: 'refusal',
  },
  'calendar-provider.exists': {
    sentence: 'There is already a calendar provider with this id, for {account}.',
    actor: 'caller',
    remedy: 'Use another id for another account.',
    kind: 'refusal',
  },
  'calendar-provider.not-connected': {
    sentence: 'The account is not connected.',
    actor: 'mailbox-owner',
    remedy: 'Connect the account first.',
    kind: 'refusal',
  },
  'calendar-provider.paused': {
    sentence: 'The calendar provider is paused.',
    actor: 'caller',
    remedy: 'Resume it first.',
    kind: 'refusal',
  },
  'calendar-provider.nothing-chosen': {
    sentence: 'The account is connected, but none of its calendars is chosen.',
    actor: 'mailbox-owner',
    remedy: 'Choose the calendars that are to be kept.',
    kind: 'configuration',
  },
  'calendar.not-chosen': {
    sentence: 'The calendar {calendarId} is not among the chosen ones.',
    actor: 'caller',
    remedy: 'Choose it first.',
    kind: 'refusal',
  },
  'calendar.unknown': {
    sentence: 'The account has no calendar with the id {calendarIds}.',
    actor: 'caller',
    remedy: 'Choose from the account’s list of calendars.',
    kind: 'refusal',
  },
  'calendar.api-disabled': {
    sentence: 'The Google Calendar API is not enabled in the tenant’s Google project.',
    actor: 'tenant-admin',
    remedy: 'Open the link and press Enable, then wait a few minutes and connect again.',
    kind: 'configuration',
    link: 'https://console.cloud.google.com/apis/library/calendar-json.googleapis.com?project={projectId}',
  },
  'calendar.account-unreadable': {
    sentence: 'Google Calendar does not tell whose calendar was connected: {detail}.',
    actor: 'tenant-admin',
    remedy: 'Check that Google Calendar is turned on for the account, then connect again.',
    kind: 'configuration',
  },
  'calendar.gone': {
    sentence: 'The calendar {calendarId} is gone, or the account may not see it any more.',
    actor: 'mailbox-owner',
    remedy: 'Have the calendar shared again, or take it out of the choice.',
    kind: 'configuration',
  },
  'calendar.not-a-calendar-user': {
    sentence: 'Google Calendar is not turned on for the account.',
    actor: 'workspace-admin',
    remedy:
      'Turn Google Calendar on for the account in the Admin console, or let the person open Calendar once.',
    kind: 'configuration',
    link: 'https://admin.google.com/ac/appslist/core',
  },
  'calendar.scope-insufficient': {
    sentence: 'The permission does not cover what is asked of Google Calendar.',
    actor: 'mailbox-owner',
    remedy: 'Connect the account again and leave every box of Google’s page ticked.',
    kind: 'configuration',
  },
  'calendar.domain-policy': {
    sentence: 'The Workspace’s administrators have closed Calendar to this app.',
    actor: 'workspace-admin',
    remedy: 'Trust the OAuth client in the Admin console under API controls.',
    kind: 'configuration',
    link: 'https://admin.google.com/ac/owl',
  },
  'calendar.unauthorized': {
    sentence: 'Google Calendar refused the access token.',
    actor: 'nobody',
    remedy: 'Nothing: a new access token is fetched.',
    kind: 'transient',
  },
  'calendar.rate-limited': {
    sentence: 'Google Calendar’s limit of requests is reached at the moment.',
    actor: 'nobody',
    remedy: 'Nothing: it is tried again, later each time.',
    kind: 'transient',
  },
  'calendar.daily-limit': {
    sentence: 'Google Calendar’s limit for the day is reached.',
    actor: 'tenant-admin',
    remedy: 'Raise the quota of the Calendar API in the Google project, or wait for the next day.',
    kind: 'transient',
    link: 'https://console.cloud.google.com/apis/api/calendar-json.googleapis.com/quotas?project={projectId}',
  },
  'calendar.unavailable': {
    sentence: 'Google Calendar could not be reached: {detail}.',
    actor: 'nobody',
    remedy: 'Nothing: it is tried again, later each time.',
    kind: 'transient',
  },
  'calendar.refused': {
    sentence: 'Google Calendar refused a request: {detail}.',
    actor: 'operator',
    remedy: 'Look in the history for what was tried, and report it.',
    kind: 'configuration',
    cause: 'inferred',
  },
  'calendar.sync-token-invalid': {
    sentence: 'Google no longer tells what changed since the last time: {reason}.',
    actor: 'nobody',
    remedy: 'Nothing: the calendar is read completely and compared.',
    kind: 'notice',
  },
  'calendar.event-gone': {
    sentence: 'The event is deleted at Google.',
    actor: 'nobody',
    remedy: 'Nothing: its deletion is delivered.',
    kind: 'notice',
  },
  'calendar.not-watchable': {
    sentence: 'Google does not notify about this calendar; it is compared every few minutes instead.',
    actor: 'nobody',
    remedy: 'Nothing: holiday, imported and some shared calendars are like that.',
    kind: 'notice',
  },
  'calendar.webhook-refused': {
    sentence:
      'Google does not notify the address {endpoint}; the calendar is compared every few minutes instead.',
    actor: 'tenant-admin',
    remedy:
      'Verify the address’s domain in Google Search Console and add it to the project’s allowed domains; it is tried again daily.',
    kind: 'notice',
    link: 'https://console.cloud.google.com/apis/credentials/domainverification?project={projectId}',
  },
  'calendar.webhook-not-public': {
    sentence:
      'This installation has no public HTTPS address that Google could notify; the calendar is compared every few minutes instead.',
    actor: 'operator',
    remedy: 'Set BASE_URL to a public HTTPS address, if changes should arrive within seconds.',
    kind: 'notice',
  },
  'calendar.channel-id-taken': {
    sentence: 'Google knows a channel of the same id already.',
    actor: 'nobody',
    remedy: 'Nothing: it is tried again with another id.',
    kind: 'transient',
  },
  'calendar.no-first-notification': {
    sentence: 'Google was asked to notify about the calendar, but its first notification has not arrived.',
    actor: 'operator',
    remedy:
      'Check that BASE_URL is reachable from the internet over HTTPS with a certificate that browsers accept. Meanwhile the calendar is compared every few minutes.',
    kind: 'configuration',
    cause: 'inferred',
  },
  'calendar.pushes-missing': {
    sentence:
      'No notification has come since {since}, although the calendar changed: changes are found only by comparing every 10 to 15 minutes.',
    actor: 'operator',
    remedy:
      'A new channel was asked for, and its first notification shows whether the way works. Check that BASE_URL is reachable from the internet over HTTPS with a certificate that browsers accept.',
    kind: 'notice',
    cause: 'inferred',
  },
  'calendar.channel-not-renewed': {
    sentence:
      'Google notifies about the calendar until {expiresAt} only, and nobody has renewed that since {openedAt}.',
    actor: 'operator',
    remedy:
      'Check that the maintenance and calendar services run and reach NATS and PostgreSQL. Nothing is lost: changes are found by comparison.',
    kind: 'configuration',
    cause: 'inferred',
  },
  'calendar.not-watched': {
    sentence:
      'The calendar is to be kept since {since}, but Google has not been asked to notify, and nothing is known that prevents it.',
    actor: 'operator',
    remedy:
      'Check that the calendar service runs and reaches NATS and PostgreSQL, and what it has parked; its log says more.',
    kind: 'transient',
    cause: 'inferred',
  },
  'calendar.not-read': {
    sentence:
      'The calendar was last read to its end at {since}, although nothing is known that prevents it: changes are not coming in.',
    actor: 'operator',
    remedy:
      'Check that the calendar and maintenance services run and reach NATS and PostgreSQL; their logs say more. Nothing is lost: reading goes on where it stopped.',
    kind: 'transient',
    cause: 'inferred',
  },
  'calendar.gap-compared': {
    sentence: 'Google no longer told what changed; the calendar is being compared completely.',
    actor: 'nobody',
    remedy: 'Nothing: what is found is delivered like any other change.',
    kind: 'notice',
  },
} satisfies Record<string, ProblemDefinition>;
