import { ConnectMailbox } from '#contracts/gmail';
import { CompleteAuthorization } from '#contracts/oauth';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => gateway.services.asked.splice(0));

const begun = { authUrl: 'https://accounts.google.com/x', state: 's', expiresAt: '2026-11-23T12:10:00.000Z' };
const initiate = (json: object, headers: Record<string, string> = {}) =>
  gateway.fetch('/api/email/oauth/initiate', {
    method: 'POST',
    headers,
    json: { provider: 'google', ...json },
  });

describe('beginning to connect', () => {
  it('answers Google’s page in the host’s form', async () => {
    gateway.services.answer(ConnectMailbox, () => accepted(begun));
    const response = await initiate({ providerId: 'p1' });
    expect(await response.json()).toEqual({ success: true, provider: 'google', ...begun });
    expect(gateway.services.asked[0]!.data).toEqual({
      providerId: 'p1',
      userId: 'u1',
      openerOrigin: 'https://psa.example.com',
    });
  });

  it('tells the page that asked, if it is one of the PSA’s', async () => {
    gateway.services.answer(ConnectMailbox, () => accepted(begun));
    await initiate({ providerId: 'p1' }, { origin: 'https://app.psa.example.com' });
    await initiate({ providerId: 'p1' }, { origin: 'https://evil.example.com' });
    await initiate({ providerId: 'p1', openerOrigin: 'https://app.psa.example.com' });
    expect(gateway.services.asked.map(({ data }) => (data as { openerOrigin: string }).openerOrigin)).toEqual(
      ['https://app.psa.example.com', 'https://psa.example.com', 'https://app.psa.example.com'],
    );
  });

  it.each([
    ['tell a foreign page', { openerOrigin: 'https://evil.example.com' }, 'openerOrigin'],
    ['return elsewhere', { redirectUri: 'https://evil.example.com/callback' }, 'redirectUri'],
  ])('refuses to %s', async (_, field, named) => {
    const response = await initiate({ providerId: 'p1', ...field });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(named);
    expect(gateway.services.asked).toEqual([]);
  });

  it('is a conflict while the setup is incomplete', async () => {
    gateway.services.answer(ConnectMailbox, () =>
      refused(problem('google-app.incomplete', { missing: 'x' })),
    );
    expect((await initiate({ providerId: 'p1' })).status).toBe(409);
  });
});

describe('Google’s redirect', () => {
  const back = (query: string, path = '/api/auth/google/callback') => fetch(`${gateway.url}${path}?${query}`);
  const result = {
    tenantId: 't1',
    providerId: 'p1',
    openerOrigin: 'https://app.psa.example.com',
    connected: true,
    account: 'help@acme.example',
    problem: null,
  };
  const postedIn = (html: string) => /const told = (.*);/.exec(html)![1]!;

  it('ends in a page that says so and tells exactly the page that opened it', async () => {
    gateway.services.answer(CompleteAuthorization, () => accepted(result));
    const response = await back(
      'state=s1&code=4/canary-code&scope=x&authuser=0&iss=https%3A%2F%2Faccounts.google.com',
    );
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain('The mailbox is connected');
    expect(JSON.parse(postedIn(html))).toEqual({
      origin: 'https://app.psa.example.com',
      message: {
        type: 'oauth-callback',
        provider: 'google',
        success: true,
        data: { providerId: 'p1', connected: true },
      },
    });
    expect(gateway.services.asked[0]).toMatchObject({
      type: 'CompleteAuthorization',
      data: { product: 'gmail', state: 's1', code: '4/canary-code', issuer: 'https://accounts.google.com' },
    });
    expect(html).not.toContain('canary-code');
    expect(gateway.log()).not.toContain('canary-code');
    expect(html).toContain("history.replaceState(null, '', location.pathname)");
  });

  it('may run and load nothing but its own script and style', async () => {
    gateway.services.answer(CompleteAuthorization, () => accepted(result));
    const [first, second] = [await back('state=s&code=c'), await back('state=s&code=c')];
    const policy = first.headers.get('content-security-policy')!;
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)![1]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const html = await first.text();
    expect(html.match(/<(script|style)[^>]*>/g)).toEqual([
      `<style nonce="${nonce}">`,
      `<script nonce="${nonce}">`,
    ]);
    expect(second.headers.get('content-security-policy')).not.toContain(nonce);
    expect(first.headers.get('referrer-policy')).toBe('no-referrer');
    expect(first.headers.get('cache-control')).toBe('no-store');
  });

  it('says in plain words what failed and what to do', async () => {
    gateway.services.answer(CompleteAuthorization, () =>
      accepted({
        ...result,
        connected: false,
        account: 'me@acme.example',
        problem: problem('authorization.wrong-account', {
          account: 'me@acme.example',
          expectedAccount: 'help@acme.example',
        }),
      }),
    );
    const html = await (await back('state=s&code=c', '/api/auth/google/calendar/callback')).text();
    expect(html).toContain('The calendar was not connected');
    expect(html).toContain('The consent was given by me@acme.example');
    expect(html).toContain('Connect again and choose the account help@acme.example');
    expect(JSON.parse(postedIn(html))).toMatchObject({
      message: { success: false, resource: 'calendar', error: 'authorization.wrong-account' },
    });
  });

  it('tells nobody when it cannot be told whose it is', async () => {
    gateway.services.answer(CompleteAuthorization, () => refused(problem('authorization.state-unknown')));
    const response = await back('state=forged&code=c');
    expect(response.status).toBe(400);
    expect(JSON.parse(postedIn(await response.text()))).toMatchObject({ origin: null });
  });

  it('cannot carry markup into the page', async () => {
    gateway.services.answer(CompleteAuthorization, () =>
      accepted({
        ...result,
        connected: false,
        problem: problem('authorization.google-error', { error: '</script><img src=x onerror=alert(1)>' }),
      }),
    );
    const html = await (await back('state=s&error=%3C%2Fscript%3E')).text();
    expect(html).not.toContain('<img');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
  });

  it('is passed on even when a parameter comes twice or is absurdly long', async () => {
    gateway.services.answer(CompleteAuthorization, () => refused(problem('authorization.state-unknown')));
    expect((await back(`state=a&state=b&code=${'x'.repeat(5_000)}`)).status).toBe(400);
    expect(gateway.services.asked[0]!.data).toEqual({ product: 'gmail', state: '' });
  });
});
