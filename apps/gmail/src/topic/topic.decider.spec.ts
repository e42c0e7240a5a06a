import type { TopicEvent } from '#contracts/gmail';
import { scenariosOf } from '#event-sourcing/scenarios';
import { problem } from '#problems/problem';
import { type ProvisionTopic, type Provisioning, type Topic, topicDecider } from './topic.decider.js';

const { given } = scenariosOf<Topic>(topicDecider);

const endpoint = 'https://psa.example.com/api/email/webhooks/google';
const names = {
  projectId: 'acme',
  topic: 'projects/acme/topics/gmail-notifications-t1',
  subscription: 'projects/acme/subscriptions/gmail-webhook-t1',
  endpoint,
  serviceAccountEmail: 'push@acme.iam.gserviceaccount.com',
};
const provision = (change: Partial<typeof names & { mode: 'key' | 'manual' }> = {}): ProvisionTopic => ({
  type: 'ProvisionTopic',
  wanted: { ...names, mode: 'key', ...change },
  unknownBecause: null,
});
const provisioned = (
  repaired: string[] = ['topic created'],
  change: Partial<typeof names & { mode: 'key' | 'manual' }> = {},
): TopicEvent => ({
  type: 'TopicProvisioned',
  data: { ...names, audience: endpoint, mode: 'key', ...change, repaired },
});
const mended = (...repaired: string[]): Provisioning => ({
  ok: true,
  repaired,
  serviceAccountEmail: names.serviceAccountEmail,
});
const denied = problem('pubsub.permission-denied', { action: 'create the topic', projectId: 'acme' });
const failed = (attempt: number, retryAt: string | null, what = denied): TopicEvent => ({
  type: 'TopicProvisioningFailed',
  data: { problem: what, attempt, retryAt },
});

describe('a topic', () => {
  it('is made at Google', () => {
    given().when(provision()).thenAsks(names);
    given()
      .when(provision(), { outcome: mended('topic created') })
      .then(provisioned());
  });

  it('that is as it should be is no news', () => {
    given(provisioned()).when(provision(), { outcome: mended() }).then();
  });

  it('that was mended is news', () => {
    given(provisioned())
      .when(provision(), { outcome: mended('Gmail allowed to publish') })
      .then(provisioned(['Gmail allowed to publish']));
  });

  it('that no mailbox needs is left, once, and looked after again as soon as one does', () => {
    const left: TopicEvent = { type: 'TopicLeft', data: {} };
    given(provisioned()).when({ type: 'LeaveTopic' }).then(left);
    given(provisioned(), failed(1, null)).when({ type: 'LeaveTopic' }).then(left);
    given(provisioned(), left).when({ type: 'LeaveTopic' }).then();
    given().when({ type: 'LeaveTopic' }).then();
    given(provisioned(), left).when(provision(), { outcome: mended() }).then(provisioned([]));
  });

  it('takes the account of the key that was really used', () => {
    const serviceAccountEmail = 'new@acme.iam.gserviceaccount.com';
    given(provisioned())
      .when(provision(), { outcome: { ok: true, repaired: [], serviceAccountEmail } })
      .then(provisioned([], { serviceAccountEmail }));
  });

  it('is tried again ever more slowly, at most every quarter of an hour', () => {
    const outcome: Provisioning = { ok: false, problem: denied };
    given().when(provision(), { outcome }).then(failed(1, '2026-03-01T08:00:30.000Z'));
    given(failed(1, null)).when(provision(), { outcome }).then(failed(2, '2026-03-01T08:01:00.000Z'));
    given(failed(9, null)).when(provision(), { outcome }).then(failed(10, '2026-03-01T08:15:00.000Z'));
  });

  it('is not tried again before Google wishes', () => {
    const unavailable = problem('pubsub.unavailable', { detail: 'HTTP 503' });
    given()
      .when(provision(), { outcome: { ok: false, problem: unavailable, retryAfterMs: 120_000 } })
      .then(failed(1, '2026-03-01T08:02:00.000Z', unavailable));
  });

  it('that works again begins to count attempts anew', () => {
    given(failed(5, null), provisioned())
      .when(provision(), { outcome: { ok: false, problem: denied } })
      .then(failed(1, '2026-03-01T08:00:30.000Z'));
  });

  it('that works again after a failure is news, even unchanged', () => {
    given(provisioned(), failed(1, null)).when(provision(), { outcome: mended() }).then(provisioned([]));
  });

  it('is recorded without asking Google when the tenant provisions by hand', () => {
    given()
      .when(provision({ mode: 'manual' }))
      .then(provisioned([], { mode: 'manual' }));
    given(provisioned([], { mode: 'manual' }))
      .when(provision({ mode: 'manual' }))
      .then();
  });

  it('cannot be made while the setup lacks something', () => {
    const incomplete = problem('google-app.incomplete', { missing: 'projectId' });
    given()
      .when({ type: 'ProvisionTopic', wanted: null, unknownBecause: incomplete })
      .then(failed(1, '2026-03-01T08:00:30.000Z', incomplete));
  });
});
