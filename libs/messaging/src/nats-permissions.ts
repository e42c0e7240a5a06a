import { asks, type Asker } from '#contracts/who-asks';
import type { ServiceName } from '#contracts/contract';
import { ACTIVITY, DELIVERIES, NOTIFICATIONS, OBJECTS } from '#deliveries/streams';
import { inboxOf, repliesOf } from './nats-servers.js';

/** Who has a user of its own on NATS. */
export type NatsUser = Asker | 'psa';

export interface NatsPermissions {
  publish: string[];
  subscribe: string[];
  /** May answer what it was asked, once, wherever the asker wants the reply. */
  mayAnswer: boolean;
}

const objects = `OBJ_${OBJECTS}`;
const streams = [NOTIFICATIONS, DELIVERIES, ACTIVITY, objects];
const api = '$JS.API';

const seeStreams = [
  `${api}.INFO`,
  `${api}.STREAM.NAMES`,
  ...streams.map((stream) => `${api}.STREAM.INFO.${stream}`),
];

/** Who may configure a stream may have it store any subject, replies included: only those who may have access tokens anyway. */
const makeStreams = streams.flatMap((stream) => [
  `${api}.STREAM.CREATE.${stream}`,
  `${api}.STREAM.UPDATE.${stream}`,
]);

const consume = (stream: string, durable: string): string[] => [
  `${api}.CONSUMER.CREATE.${stream}.${durable}.>`,
  `${api}.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
  `${api}.CONSUMER.INFO.${stream}.${durable}`,
  `${api}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
];

const readObjects = [
  `${api}.STREAM.MSG.GET.${objects}`,
  `${api}.CONSUMER.CREATE.${objects}`,
  `${api}.CONSUMER.CREATE.${objects}.>`,
  `${api}.CONSUMER.INFO.${objects}.*`,
  `${api}.CONSUMER.DELETE.${objects}.*`,
  `$JS.FC.${objects}.>`,
];

const writeObjects = [
  `${api}.STREAM.MSG.GET.${objects}`,
  `${api}.STREAM.PURGE.${objects}`,
  `$O.${OBJECTS}.>`,
];

/** What each does with JetStream, besides asking and answering. */
const streamsOf: Record<ServiceName, string[]> = {
  gateway: [
    ...seeStreams,
    'notification.gmail.>',
    'notification.calendar.>',
    'delivery.*.provider.>',
    ...consume(ACTIVITY, 'gateway-activity'),
    ...consume(ACTIVITY, 'gateway-calendar-activity'),
    ...readObjects,
  ],
  oauth: [],
  gmail: [
    ...seeStreams,
    ...makeStreams,
    ...consume(NOTIFICATIONS, 'gmail-inbound'),
    'delivery.*.inbound-email.>',
    'activity.*.*',
    ...writeObjects,
  ],
  calendar: [
    ...seeStreams,
    ...makeStreams,
    ...consume(NOTIFICATIONS, 'calendar-sync'),
    'delivery.*.calendar-event.>',
    'activity.calendar.>',
  ],
  maintenance: [],
};

const answering = (service: ServiceName): string[] => [`command.${service}.*`, `query.${service}.*`];

const ofService = (service: ServiceName): NatsPermissions => ({
  publish: [...asks[service], ...streamsOf[service]],
  subscribe: [
    // The gateway answers over HTTP only.
    ...(service === 'gateway' ? [] : answering(service)),
    `${repliesOf(service)}.>`,
    `${inboxOf(service)}.>`,
  ],
  mayAnswer: service !== 'gateway',
});

/** The PSA consumes what is delivered, under a durable name of its choice, and does nothing else. */
const psa: NatsPermissions = {
  publish: [
    `${api}.INFO`,
    `${api}.STREAM.INFO.${DELIVERIES}`,
    `${api}.CONSUMER.CREATE.${DELIVERIES}`,
    `${api}.CONSUMER.CREATE.${DELIVERIES}.>`,
    `${api}.CONSUMER.DURABLE.CREATE.${DELIVERIES}.*`,
    `${api}.CONSUMER.INFO.${DELIVERIES}.*`,
    `${api}.CONSUMER.DELETE.${DELIVERIES}.*`,
    `${api}.CONSUMER.MSG.NEXT.${DELIVERIES}.*`,
    `$JS.ACK.${DELIVERIES}.>`,
  ],
  // The default of every NATS client; nobody else may listen or is answered there.
  subscribe: ['_INBOX.>'],
  mayAnswer: false,
};

/** What NATS lets each user do: derived from what services ask and answer, so that both change together. */
export const natsPermissions: Record<NatsUser, NatsPermissions> = {
  gateway: ofService('gateway'),
  oauth: ofService('oauth'),
  gmail: ofService('gmail'),
  calendar: ofService('calendar'),
  maintenance: ofService('maintenance'),
  cutover: { publish: asks.cutover, subscribe: [`${repliesOf('cutover')}.>`], mayAnswer: false },
  psa,
};

export const natsUsers = Object.keys(natsPermissions) as NatsUser[];

/** The text of deploy/nats/permissions.conf. */
export function permissionsFile(): string {
  const list = (subjects: string[]): string =>
    subjects.length === 0 ? '[]' : `[\n${subjects.map((each) => `      "${each}"`).join('\n')}\n    ]`;
  const blocks = natsUsers.map((user) => {
    const { publish, subscribe, mayAnswer } = natsPermissions[user];
    const answers = mayAnswer ? '\n  allow_responses: true' : '';
    return `${user.toUpperCase()}: {
  publish: {
    allow: ${list(publish)}
  }
  subscribe: {
    allow: ${list(subscribe)}
  }${answers}
}
`;
  });
  return `# Written by "npm run docs" from libs/messaging/src/nats-permissions.ts; a spec compares the two.\n\n${blocks.join('\n')}`;
}
