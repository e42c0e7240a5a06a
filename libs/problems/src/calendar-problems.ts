import type { ProblemDefinition } from './problem-definition.js';

/** What can be wrong with an account's calendar. */
export const calendarProblems = {
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
} satisfies Record<string, ProblemDefinition>;
