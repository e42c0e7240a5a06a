import { z } from 'zod';

/** One thing that a verification looks at. `needs`: what has to work before its own answer says anything. */
interface CheckDefinition {
  /** What is hoped for, as a checklist says it. */
  title: string;
  needs: readonly string[];
}

const configChecks = {
  'base-url': { title: 'Google accepts the address of this installation', needs: [] },
  'config.complete': { title: 'All that the setup needs is stored', needs: [] },

  'gmail-client.id': { title: 'Google knows the OAuth client for Gmail', needs: ['config.complete'] },
  'gmail-client.secret': { title: 'Its client secret is right', needs: ['gmail-client.id'] },
  'gmail-client.redirect': {
    title: 'Its redirect URI for Gmail is registered',
    needs: ['gmail-client.id', 'base-url'],
  },
  'calendar-client.id': { title: 'Google knows the OAuth client for Calendar', needs: ['config.complete'] },
  'calendar-client.secret': { title: 'Its client secret is right', needs: ['calendar-client.id'] },
  'calendar-client.redirect': {
    title: 'Its redirect URI for Calendar is registered',
    needs: ['calendar-client.id', 'base-url'],
  },

  'key.stored': { title: 'A service account key is stored', needs: ['config.complete'] },
  'key.project': { title: 'The service account is of the configured project', needs: ['key.stored'] },
  'key.accepted': {
    title: 'Google accepts the service account key, its account and its time',
    needs: ['key.project'],
  },
  'project.number': {
    title: 'OAuth client and project belong together',
    needs: ['key.accepted', 'gmail-client.id'],
  },
  'project.pubsub-api': { title: 'The Cloud Pub/Sub API is on', needs: ['key.accepted'] },
  'project.gmail-api': { title: 'The Gmail API is on', needs: ['key.accepted'] },
  'project.calendar-api': { title: 'The Google Calendar API is on', needs: ['key.accepted'] },

  'permission.create': {
    title: 'The service account may make and change topic and subscription',
    needs: ['project.pubsub-api'],
  },
  'permission.grant': {
    title: 'The service account may let Gmail publish',
    needs: ['project.pubsub-api', 'permission.create'],
  },
  'permission.act-as': {
    title: 'The service account may sign pushes in its own name',
    needs: ['project.pubsub-api'],
  },

  'pubsub.topic': { title: 'The topic is there', needs: ['permission.create'] },
  'pubsub.publisher': {
    title: 'Gmail may publish to the topic',
    needs: ['pubsub.topic', 'permission.grant'],
  },
  'pubsub.subscription': {
    title: 'The subscription is there, and of this topic',
    needs: ['pubsub.topic', 'pubsub.publisher', 'permission.act-as', 'base-url'],
  },
  'pubsub.state': { title: 'The subscription is active', needs: ['pubsub.subscription'] },
  'pubsub.endpoint': { title: 'It pushes to this installation', needs: ['pubsub.subscription'] },
  'pubsub.audience': {
    title: 'Its tokens carry the audience that is expected',
    needs: ['pubsub.subscription', 'pubsub.endpoint'],
  },
  'pubsub.identity': {
    title: 'Its tokens are signed for the service account that is expected',
    needs: ['pubsub.subscription', 'pubsub.endpoint'],
  },
  'pubsub.content': { title: 'It passes every notification on, unchanged', needs: ['pubsub.subscription'] },
  'pubsub.expiry': { title: 'It never expires', needs: ['pubsub.subscription'] },
  'pubsub.deadline': { title: 'It waits long enough for an answer', needs: ['pubsub.subscription'] },
  'pubsub.rivals': { title: 'No other topic of the project is fed by Gmail', needs: ['project.pubsub-api'] },

  'consent.lasting': { title: 'Permissions do not end after seven days', needs: [] },
} as const satisfies Record<string, CheckDefinition>;

const providerChecks = {
  'grant.client': {
    title: 'The permission belongs to the client that is stored',
    needs: ['config.complete'],
  },
  'grant.alive': {
    title: 'The permission works',
    needs: ['grant.client', 'gmail-client.secret', 'calendar-client.secret'],
  },
  'grant.scopes': { title: 'Every box was ticked on Google’s page', needs: ['grant.alive'] },
  'mailbox.readable': { title: 'Gmail can be read', needs: ['grant.scopes', 'project.gmail-api'] },
  'mailbox.account': { title: 'It is the right mailbox', needs: ['mailbox.readable'] },
  'mailbox.labels': { title: 'The labels of the filter are there', needs: ['mailbox.readable'] },
  'mailbox.watch': {
    title: 'Gmail notifies about the mailbox',
    needs: ['mailbox.readable', 'mailbox.labels', 'project.number', 'pubsub.topic', 'pubsub.publisher'],
  },
  'mailbox.first-notification': {
    title: 'A first notification has come',
    needs: [
      'mailbox.watch',
      'pubsub.state',
      'pubsub.endpoint',
      'pubsub.audience',
      'pubsub.identity',
      'pubsub.content',
    ],
  },
  'mailbox.reading': {
    title: 'The mailbox is read to its end',
    needs: ['mailbox.readable'],
  },
  'mailbox.paused': { title: 'The mailbox is not paused', needs: [] },
  'mailbox.parked': { title: 'No message is parked', needs: [] },
  'calendar.readable': {
    title: 'The account’s calendars can be read',
    needs: ['grant.scopes', 'project.calendar-api'],
  },
  'calendar.account': { title: 'They are of the right account', needs: ['calendar.readable'] },
  'calendar.chosen': { title: 'Calendars are chosen', needs: ['calendar.readable'] },
  'calendar.visible': { title: 'Google still lists each chosen calendar', needs: ['calendar.chosen'] },
  'calendar.channels': { title: 'Google notifies about each chosen calendar', needs: ['calendar.visible'] },
  'calendar.first-notification': {
    title: 'A first notification has come for each',
    needs: ['calendar.channels'],
  },
  'calendar.reading': {
    title: 'Each chosen calendar was compared lately',
    needs: ['calendar.visible'],
  },
  'calendar.paused': { title: 'The calendars are not paused', needs: [] },
} as const satisfies Record<string, CheckDefinition>;

/** Every check, in the order in which a checklist shows them. */
export const checks = { ...configChecks, ...providerChecks };
export type CheckId = keyof typeof checks;

export const checkIds = Object.keys(checks) as [CheckId, ...CheckId[]];
export const checkId = z.enum(checkIds);

export const needsOf = (id: CheckId): readonly CheckId[] => checks[id].needs;
