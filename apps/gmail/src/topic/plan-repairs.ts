import { lastSegment } from './names.js';
import { problem, type Problem } from '#problems/problem';
import { days } from '#time/clock';

/** What has to be there at Google, by full resource names. */
export interface Wanted {
  topic: string;
  subscription: string;
  endpoint: string;
  serviceAccountEmail: string;
}

/** What Google has, as far as it matters. */
export interface Found {
  topic: { publisherGranted: boolean } | null;
  subscription: FoundSubscription | null;
}

export interface FoundSubscription {
  /** `_deleted-topic_` when its topic was deleted. */
  topic: string;
  detached: boolean;
  filter: string;
  endpoint: string;
  audience: string;
  serviceAccountEmail: string;
  /** Pushes come without Pub/Sub's envelope. */
  unwrapped: boolean;
  /** Messages are changed on their way. */
  transformed: boolean;
  /** Messages are put aside after some failed pushes. */
  deadLettered: boolean;
  ackDeadlineSeconds: number;
  /** Never deleted for lack of activity. */
  lastsForever: boolean;
  retentionMs: number;
  retry: { minimumSeconds: number; maximumSeconds: number } | null;
}

export const ackDeadlineSeconds = 60;
export const retentionMs = days(7);
export const retry = { minimumSeconds: 10, maximumSeconds: 600 };

/** A field of a subscription that can be changed in place, in Pub/Sub's spelling. */
export type Field =
  | 'push_config'
  | 'ack_deadline_seconds'
  | 'expiration_policy'
  | 'message_retention_duration'
  | 'retry_policy'
  | 'dead_letter_policy'
  | 'message_transforms';

export type Repair =
  | { do: 'make-topic' }
  | { do: 'grant-publisher' }
  | { do: 'make-subscription' }
  /** What cannot be changed in place is deleted and made anew: it is ours by name, and it delivers nothing as it stands. */
  | { do: 'remake-subscription'; because: string }
  | { do: 'mend-subscription'; fields: Field[] };

export type RepairPlan = { repairs: Repair[] } | { problem: Problem };

/** What to do so that Google has what is wanted; nothing when it has it already. */
export function planRepairs(wanted: Wanted, found: Found): RepairPlan {
  const repairs: Repair[] = [];
  if (!found.topic) repairs.push({ do: 'make-topic' });
  if (!found.topic?.publisherGranted) repairs.push({ do: 'grant-publisher' });
  const { subscription } = found;
  if (!subscription) return { repairs: [...repairs, { do: 'make-subscription' }] };

  const deleted = subscription.topic === '_deleted-topic_';
  if (!deleted && subscription.topic !== wanted.topic)
    return {
      problem: problem('pubsub.subscription-of-other-topic', {
        subscription: lastSegment(wanted.subscription),
        otherTopic: subscription.topic,
        projectId: wanted.topic.split('/')[1]!,
      }),
    };
  const because = unmendable(subscription, deleted);
  if (because) return { repairs: [...repairs, { do: 'remake-subscription', because }] };
  const fields = drift(wanted, subscription);
  return { repairs: fields.length > 0 ? [...repairs, { do: 'mend-subscription', fields }] : repairs };
}

function unmendable({ detached, filter }: FoundSubscription, deleted: boolean): string | null {
  if (deleted) return 'its topic had been deleted';
  if (detached) return 'it was detached';
  if (filter !== '') return 'it had a filter';
  return null;
}

function drift(wanted: Wanted, found: FoundSubscription): Field[] {
  const differs: Record<Field, boolean> = {
    push_config:
      found.endpoint !== wanted.endpoint ||
      found.audience !== wanted.endpoint ||
      found.serviceAccountEmail !== wanted.serviceAccountEmail ||
      found.unwrapped,
    ack_deadline_seconds: found.ackDeadlineSeconds !== ackDeadlineSeconds,
    expiration_policy: !found.lastsForever,
    message_retention_duration: found.retentionMs < retentionMs,
    retry_policy:
      found.retry?.minimumSeconds !== retry.minimumSeconds ||
      found.retry.maximumSeconds !== retry.maximumSeconds,
    dead_letter_policy: found.deadLettered,
    message_transforms: found.transformed,
  };
  return (Object.keys(differs) as Field[]).filter((field) => differs[field]);
}

const fieldWords: Record<Field, string> = {
  push_config: 'push address and identity',
  ack_deadline_seconds: 'acknowledgement deadline',
  expiration_policy: 'expiration',
  message_retention_duration: 'retention',
  retry_policy: 'retry pauses',
  dead_letter_policy: 'dead-letter policy',
  message_transforms: 'message transforms',
};

/** A repair as the history tells it. */
export function inWords(repair: Repair): string {
  switch (repair.do) {
    case 'make-topic':
      return 'topic created';
    case 'grant-publisher':
      return 'Gmail allowed to publish';
    case 'make-subscription':
      return 'push subscription created';
    case 'remake-subscription':
      return `push subscription made anew because ${repair.because}`;
    case 'mend-subscription':
      return `push subscription mended: ${repair.fields.map((field) => fieldWords[field]).join(', ')}`;
  }
}
