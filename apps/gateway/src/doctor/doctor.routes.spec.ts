import { checkIds } from '#contracts/checks';
import {
  DiagnoseCalendars,
  DiagnoseClients,
  DiagnoseGrant,
  DiagnoseMailbox,
  DiagnoseProject,
  DiagnosePubSub,
  found,
} from '#contracts/diagnosis';
import { GetCalendarProvider } from '#contracts/calendar';
import { GetMailbox } from '#contracts/gmail';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';
import type { Verification } from './verification.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());

/** All that a service looks at is right. */
const pass =
  (...families: string[]) =>
  () =>
    accepted({
      findings: checkIds
        .filter((check) => families.some((family) => check.startsWith(family)))
        .map((check) => found.pass(check, 'It was asked.', 'Yes.')),
    });
const ofClients = pass('config.', 'gmail-client.', 'calendar-client.', 'consent.');
beforeEach(() => {
  gateway.services.answer(DiagnoseClients, ofClients);
  gateway.services.answer(DiagnoseProject, pass('key.', 'project.', 'permission.'));
  gateway.services.answer(DiagnosePubSub, pass('pubsub.'));
  gateway.services.answer(DiagnoseGrant, pass('grant.'));
  gateway.services.answer(DiagnoseMailbox, pass('mailbox.'));
  gateway.services.answer(DiagnoseCalendars, pass('calendar.'));
  gateway.services.asked.splice(0);
});

const mailbox = {
  providerId: 'p1',
  name: 'Support',
  address: 'support@acme.example',
  filter: { labels: [], include: [] },
  defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
  paused: false,
};
const calendars = {
  providerId: 'c1',
  name: 'Mine',
  userId: 'ann',
  account: 'ann@acme.example',
  syncDirection: 'bidirectional' as const,
  calendars: [],
  paused: false,
};

const config = '/api/google/config/verify';
const post = (path: string, init: RequestInit = {}) => gateway.fetch(path, { method: 'POST', ...init });
const asStream = { headers: { accept: 'text/event-stream' } };

async function eventsOf(response: Response): Promise<{ event: string; data: never }[]> {
  return (await response.text())
    .split('\n\n')
    .filter(Boolean)
    .map((block) => {
      const [event, data] = block.split('\n') as [string, string];
      return { event: event.replace('event: ', ''), data: JSON.parse(data.replace('data: ', '')) as never };
    });
}

/** Somebody waits until the oauth service is let go on. */
function held() {
  const { promise: letGo, resolve: go } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  gateway.services.answer(DiagnoseClients, async () => {
    begin();
    await letGo;
    return ofClients();
  });
  return { begun, go };
}

it('answers one line per check and the worst of all', async () => {
  const response = await post(config);
  expect(response.status).toBe(200);
  const { overall, counts, checks, about } = (await response.json()) as Verification;
  expect(about).toEqual({ kind: 'config', providerId: null });
  expect(overall).toBe('pass');
  expect(counts).toEqual({ pass: checks.length, warn: 0, fail: 0, skip: 0 });
  expect(checks[0]).toMatchObject({ id: 'base-url', result: 'pass', code: null, remedy: null });
});

it('streams the plan, each check once as soon as it can be told, and the whole at last', async () => {
  const { go } = held();
  const response = await post(config, asStream);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  // The address is judged although oauth has not answered yet.
  while (!text.includes('"base-url","title"') || !text.includes('event: check'))
    text += (await reader.read()).value;
  expect(text).not.toContain('event: verification');
  go();
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;

  const told = await eventsOf(new Response(text));
  expect(told[0]!.event).toBe('plan');
  const planned = (told[0]!.data as { checks: { id: string }[] }).checks.map(({ id }) => id);
  const shown = told.filter(({ event }) => event === 'check').map(({ data }) => (data as { id: string }).id);
  expect(shown.toSorted()).toEqual(planned.toSorted());
  expect(told.at(-1)).toMatchObject({ event: 'verification', data: { overall: 'pass' } });
});

it('lets a second one join the same verification, and refuses another one of the tenant meanwhile', async () => {
  gateway.services.answer(GetMailbox, () => accepted(mailbox));
  const { begun, go } = held();
  const first = post(config);
  await begun;
  const second = post(config, asStream);
  const other = await post('/api/email/providers/p1/verify');
  expect(other.status).toBe(409);
  expect(await other.json()).toMatchObject({ code: 'verification.running' });
  const elsewhere = gateway.fetch(config, { method: 'POST', tenant: 't2' });
  go();
  expect((await elsewhere).status).toBe(200);
  const { id } = (await (await first).json()) as Verification;
  expect((await eventsOf(await second)).at(-1)).toMatchObject({ event: 'verification', data: { id } });
  expect(gateway.services.asked.filter(({ type }) => type === 'DiagnoseClients')).toHaveLength(2);
  expect(((await (await post(config)).json()) as Verification).id).not.toBe(id);
});

it('warns once where a service does not answer, and blames nothing', async () => {
  gateway.services.answer(DiagnoseClients, () =>
    refused(problem('service.unavailable', { service: 'oauth' })),
  );
  const { checks, overall } = (await (await post(config)).json()) as Verification;
  expect(overall).toBe('warn');
  expect(checks.filter(({ result }) => result !== 'pass' && result !== 'skip')).toMatchObject([
    { id: 'config.complete', result: 'warn', code: 'service.unavailable' },
  ]);
});

it('asks nothing with a permission that does not work, and nothing of Pub/Sub without a key', async () => {
  gateway.services.answer(GetMailbox, () => accepted(mailbox));
  gateway.services.answer(DiagnoseProject, () =>
    accepted({ findings: [found.fail('key.stored', 'a', 'b', problem('service-account-key.missing'))] }),
  );
  gateway.services.answer(DiagnoseGrant, () =>
    accepted({ findings: [found.fail('grant.alive', 'a', 'b', problem('authorization.revoked'))] }),
  );
  expect((await post('/api/email/providers/p1/verify')).status).toBe(200);
  expect(gateway.services.asked.map(({ type }) => type)).not.toContain('DiagnosePubSub');
  expect(gateway.services.asked.find(({ type }) => type === 'DiagnoseMailbox')!.data).toEqual({
    providerId: 'p1',
    askGoogle: false,
  });
});

it('knows no provider of somebody else', async () => {
  gateway.services.answer(GetMailbox, () => refused(problem('mailbox.not-found', { providerId: 'p9' })));
  expect((await post('/api/email/providers/p9/verify')).status).toBe(404);
});

it('is for those who may change the setup; a calendar’s owner may verify it too', async () => {
  const as = async (path: string, permissions: string[], user = 'u1') =>
    (
      await fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await gateway.token({ permissions, user })}` },
      })
    ).status;
  expect(await as(config, ['system_settings:read'])).toBe(403);
  expect(await as('/api/google/support-bundle', ['system_settings:read'])).toBe(403);
  expect(await as(config, ['system_settings:update'])).toBe(200);
  gateway.services.answer(GetCalendarProvider, () => accepted(calendars));
  const calendar = '/api/calendar/providers/c1/verify';
  expect(await as(calendar, [], 'ann')).toBe(200);
  expect(await as(calendar, [], 'ben')).toBe(404);
  expect(await as(calendar, ['system_settings:read'], 'ben')).toBe(403);
});
