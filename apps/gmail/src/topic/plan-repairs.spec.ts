import { type Found, type FoundSubscription, inWords, planRepairs } from './plan-repairs.js';

const wanted = {
  topic: 'projects/acme/topics/gmail-notifications-t1',
  subscription: 'projects/acme/subscriptions/gmail-webhook-t1',
  endpoint: 'https://psa.example.com/api/email/webhooks/google',
  serviceAccountEmail: 'push@acme.iam.gserviceaccount.com',
};

const right: FoundSubscription = {
  topic: wanted.topic,
  detached: false,
  filter: '',
  endpoint: wanted.endpoint,
  audience: wanted.endpoint,
  serviceAccountEmail: wanted.serviceAccountEmail,
  unwrapped: false,
  transformed: false,
  deadLettered: false,
  ackDeadlineSeconds: 60,
  lastsForever: true,
  retentionMs: 604_800_000,
  retry: { minimumSeconds: 10, maximumSeconds: 600 },
};

const found = (change: Partial<FoundSubscription> = {}): Found => ({
  topic: { publisherGranted: true },
  subscription: { ...right, ...change },
});

const words = (state: Found): string[] => {
  const plan = planRepairs(wanted, state);
  if ('problem' in plan) throw new Error(plan.problem.code);
  return plan.repairs.map(inWords);
};

describe('the repairs of a topic', () => {
  it('are none when everything is as wanted, or kept longer than wanted', () => {
    expect(words(found())).toEqual([]);
    expect(words(found({ retentionMs: 31 * 86_400_000 }))).toEqual([]);
  });

  it('make everything where nothing is', () => {
    expect(words({ topic: null, subscription: null })).toEqual([
      'topic created',
      'Gmail allowed to publish',
      'push subscription created',
    ]);
  });

  it('grant Gmail what was taken from it', () => {
    expect(words({ ...found(), topic: { publisherGranted: false } })).toEqual(['Gmail allowed to publish']);
  });

  it.each<[string, Partial<FoundSubscription>]>([
    ['its topic had been deleted', { topic: '_deleted-topic_' }],
    ['it was detached', { detached: true }],
    ['it had a filter', { filter: 'attributes:kind' }],
  ])('make a subscription anew that delivers nothing because %s', (because, change) => {
    expect(words(found(change))).toEqual([`push subscription made anew because ${because}`]);
  });

  it.each<[string, Partial<FoundSubscription>]>([
    ['push address and identity', { endpoint: 'https://old.example.com/hook' }],
    ['push address and identity', { audience: 'https://old.example.com/hook' }],
    ['push address and identity', { serviceAccountEmail: 'other@acme.iam.gserviceaccount.com' }],
    ['push address and identity', { unwrapped: true }],
    ['acknowledgement deadline', { ackDeadlineSeconds: 10 }],
    ['expiration', { lastsForever: false }],
    ['retention', { retentionMs: 600_000 }],
    ['retry pauses', { retry: null }],
    ['retry pauses', { retry: { minimumSeconds: 0, maximumSeconds: 600 } }],
    ['retry pauses', { retry: { minimumSeconds: 10, maximumSeconds: 60 } }],
    ['dead-letter policy', { deadLettered: true }],
    ['message transforms', { transformed: true }],
  ])('mend a drifted %s', (what, change) => {
    expect(words(found(change))).toEqual([`push subscription mended: ${what}`]);
  });

  it('leave a subscription alone that serves another topic', () => {
    const otherTopic = 'projects/acme/topics/billing';
    expect(planRepairs(wanted, found({ topic: otherTopic }))).toEqual({
      problem: {
        code: 'pubsub.subscription-of-other-topic',
        params: { subscription: 'gmail-webhook-t1', otherTopic, projectId: 'acme' },
      },
    });
  });
});
