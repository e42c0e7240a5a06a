import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { projectionScenario, type Happened } from '#processors/projection-scenario';
import { problem, type ProblemCode } from '#problems/problem';
import { ProblemTables1764300100000 } from '../problems/problem-tables.js';
import { PushBindingsTable1760000200000 } from '../webhook/push-bindings-table.js';
import { pushBindings } from '../webhook/push-bindings.projection.js';
import { StatusTables1760000200001 } from './status-tables.js';
import { statuses } from './statuses.projection.js';

const service = {
  schema: 'gateway',
  entities: [],
  migrations: [
    ProcessorTables1760000000000,
    PushBindingsTable1760000200000,
    StatusTables1760000200001,
    ProblemTables1764300100000,
  ],
};

const added: Happened = {
  stream: 'mailbox-t1+p1',
  type: 'MailboxAdded',
  data: {
    name: 'Helpdesk',
    address: 'help@acme.example',
    filter: { labels: [], include: [] },
    defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
  },
};
const failed = (at: string, code: 'gmail.unavailable' | 'gmail.api-disabled', attempt: number): Happened => ({
  stream: 'mailbox-t1+p1',
  type: 'SyncFailed',
  data: { problem: problem(code), attempt, retryAt: null },
  at,
});
const watched = {
  topic: 't',
  historyId: '1',
  expiresAt: '2026-03-08T08:00:00.000Z',
  labelIds: [],
};

describe('the status rows', () => {
  const scenario = projectionScenario(statuses, service);
  const mailboxAfter = async (events: Happened[]) => {
    const { provider_statuses: rows } = await scenario.rowsAfter(events);
    return rows![0]!['mailbox'] as Record<string, unknown>;
  };

  it('keep when a failure began, through all of its attempts', async () => {
    const mailbox = await mailboxAfter([
      added,
      failed('2026-03-01T09:00:00.000Z', 'gmail.unavailable', 1),
      failed('2026-03-01T10:00:00.000Z', 'gmail.unavailable', 2),
    ]);
    expect(mailbox['syncTrouble']).toMatchObject({ since: '2026-03-01T09:00:00.000Z', attempt: 2 });
  });

  it('begin anew when the failure becomes another one', async () => {
    const mailbox = await mailboxAfter([
      added,
      failed('2026-03-01T09:00:00.000Z', 'gmail.unavailable', 1),
      failed('2026-03-01T10:00:00.000Z', 'gmail.api-disabled', 1),
    ]);
    expect(mailbox['syncTrouble']).toMatchObject({ since: '2026-03-01T10:00:00.000Z' });
  });

  it('forget a failure that is over', async () => {
    const mailbox = await mailboxAfter([
      added,
      failed('2026-03-01T09:00:00.000Z', 'gmail.unavailable', 1),
      { stream: 'mailbox-t1+p1', type: 'SyncRecovered' },
      {
        stream: 'mailbox-t1+p1',
        type: 'WatchFailed',
        data: { problem: problem('gmail.unavailable'), attempt: 1, retryAt: null },
      },
      { stream: 'mailbox-t1+p1', type: 'WatchStarted', data: watched },
    ]);
    expect(mailbox).toMatchObject({
      syncTrouble: null,
      watchTrouble: null,
      watch: { expiresAt: watched.expiresAt },
    });
  });

  it('ask for a new proof when the watch is started anew, and not when it is renewed', async () => {
    const begin = [
      added,
      { stream: 'mailbox-t1+p1', type: 'WatchStarted', data: watched },
      { stream: 'mailbox-t1+p1', type: 'NotificationProven', at: '2026-03-01T10:00:00.000Z' },
    ];
    const then = (type: string) => [...begin, { stream: 'mailbox-t1+p1', type, data: watched }];
    expect(await mailboxAfter(then('WatchRenewed'))).toMatchObject({ provenAt: '2026-03-01T10:00:00.000Z' });
    expect(await mailboxAfter(then('WatchStarted'))).toMatchObject({ provenAt: null });
  });

  it('take the proof back while notifications are missing, until one comes', async () => {
    const begin = [
      added,
      { stream: 'mailbox-t1+p1', type: 'WatchStarted', data: watched },
      { stream: 'mailbox-t1+p1', type: 'NotificationProven', at: '2026-03-01T10:00:00.000Z' },
      {
        stream: 'mailbox-t1+p1',
        type: 'GapDetected',
        data: { from: '1', to: '2', reason: 'notification-missing' },
        at: '2026-03-01T11:00:00.000Z',
      },
    ];
    expect(await mailboxAfter(begin)).toMatchObject({
      provenAt: null,
      unannounced: { since: '2026-03-01T11:00:00.000Z' },
      gapSince: null,
    });
    const end = {
      stream: 'mailbox-t1+p1',
      type: 'NotificationProven',
      at: '2026-03-01T12:00:00.000Z',
    };
    expect(await mailboxAfter([...begin, end])).toMatchObject({
      provenAt: '2026-03-01T12:00:00.000Z',
      unannounced: null,
    });
  });

  it('keep mailbox and permission side by side, and what the tenant’s providers share once', async () => {
    const rows = await scenario.rowsAfter([
      {
        stream: 'grant-t1+p1',
        type: 'Authorized',
        data: {
          product: 'gmail',
          account: 'help@acme.example',
          clientId: 'c',
          projectId: 'acme-psa',
          scopes: [],
          expiresAt: null,
        },
      },
      added,
      { stream: 'googleApp-t1', type: 'ConfigCleared' },
      {
        stream: 'topic-t1',
        type: 'TopicProvisioningFailed',
        data: { problem: problem('pubsub.unavailable'), attempt: 1, retryAt: null },
      },
    ]);
    expect(rows['provider_statuses']).toMatchObject([
      {
        provider_id: 'p1',
        mailbox: { name: 'Helpdesk' },
        grant_state: { permission: { account: 'help@acme.example' } },
      },
    ]);
    expect(rows['tenant_statuses']).toMatchObject([
      { app: { stored: false }, topic: { trouble: { problem: { code: 'pubsub.unavailable' } } } },
    ]);
  });

  it('keep a working permission when connecting anew fails', async () => {
    const grant = {
      product: 'gmail',
      account: 'a@acme.example',
      clientId: 'c',
      projectId: 'p',
      scopes: [],
      expiresAt: null,
    };
    const { provider_statuses: rows } = await scenario.rowsAfter([
      { stream: 'grant-t1+p1', type: 'Authorized', data: grant },
      {
        stream: 'grant-t1+p1',
        type: 'AuthorizationFailed',
        data: { product: 'gmail', problem: problem('authorization.denied') },
      },
    ]);
    expect(rows![0]!['grant_state']).toMatchObject({
      permission: { account: 'a@acme.example' },
      ended: null,
      attemptFailed: { problem: { code: 'authorization.denied' } },
    });
  });

  it('correct why a permission ended, and not when', async () => {
    const about = (type: string, code: ProblemCode, at: string) => ({
      stream: 'grant-t1+p1',
      type,
      data: { product: 'gmail', problem: problem(code) },
      at,
    });
    const { provider_statuses: rows } = await scenario.rowsAfter([
      about('AuthorizationLost', 'authorization.revoked', '2026-03-01T08:00:00.000Z'),
      about('CauseFound', 'authorization.client-wide', '2026-03-01T08:20:00.000Z'),
    ]);
    expect(rows![0]!['grant_state']).toMatchObject({
      ended: { problem: { code: 'authorization.client-wide' }, since: '2026-03-01T08:00:00.000Z' },
    });
  });

  it('know that a replaced client secret stands in, until Google takes the new one or it is deleted', async () => {
    const about = (type: string, data: Record<string, unknown> = {}) => ({
      stream: 'googleApp-t1',
      type,
      data,
    });
    const stored = about('ConfigStored', {
      projectId: 'acme-psa',
      provisioning: 'key',
      gmailClientId: 'c',
      calendar: 'same',
      calendarClientId: null,
      serviceAccountEmail: null,
      changed: ['gmailClientSecret'],
    });
    const former = about('ClientSecretAccepted', { pair: 'gmail', accepted: 'former' });
    const used = async (...events: Happened[]) =>
      (await scenario.rowsAfter([stored, former, ...events]))['tenant_statuses']![0]!['app'];
    expect(await used()).toMatchObject({ formerSecretUsed: { gmail: expect.any(String) } });
    for (const over of [
      about('ClientSecretAccepted', { pair: 'gmail', accepted: 'current' }),
      about('FormerSecretForgotten', { pair: 'gmail' }),
      stored,
    ])
      expect(await used(about('RemovalBegun'), over)).toMatchObject({ stored: true, formerSecretUsed: {} });
  });

  it('are not made from an event that nobody has told about', async () => {
    const unknown = { stream: 'mailbox-t1+p1', type: 'MailboxPainted' };
    await expect(scenario.rowsAfter([added, unknown])).rejects.toThrow('MailboxPainted');
  });
});

describe('the bindings of pushes', () => {
  const scenario = projectionScenario(pushBindings, service);
  const provisioned = (serviceAccountEmail: string): Happened => ({
    stream: 'topic-t1',
    type: 'TopicProvisioned',
    data: {
      projectId: 'acme-psa',
      topic: 't',
      subscription: 's',
      endpoint: 'e',
      audience: 'a',
      serviceAccountEmail,
      mode: 'key',
      repaired: [],
    },
  });

  it('hold what was arranged last, and keep it when a later attempt fails', async () => {
    const { push_bindings: rows } = await scenario.rowsAfter([
      provisioned('old@acme-psa.iam.gserviceaccount.com'),
      provisioned('new@acme-psa.iam.gserviceaccount.com'),
      {
        stream: 'topic-t1',
        type: 'TopicProvisioningFailed',
        data: { problem: problem('pubsub.unavailable'), attempt: 1, retryAt: null },
      },
    ]);
    expect(rows).toMatchObject([
      { tenant_id: 't1', audience: 'a', service_account_email: 'new@acme-psa.iam.gserviceaccount.com' },
    ]);
  });
});
