import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { googleEndpoints } from '#google/endpoints';
import { systemClock } from '#time/clock';
import { accountOf } from './account.js';

describe('whose calendar was connected', () => {
  let server: Server;
  let answer: { status: number; body: string };
  let asked: { url: string | undefined; authorization: string | undefined };
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked = { url: request.url, authorization: request.headers.authorization };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  const ask = (status: number, body: unknown) => {
    answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return accountOf(googleEndpoints(url), systemClock)('calendar', 'ya29.canary');
  };

  it('is told by the primary calendar’s id', async () => {
    expect(await ask(200, { kind: 'calendar#calendar', id: 'alice@acme.example' })).toEqual({
      ok: true,
      account: 'alice@acme.example',
    });
    expect(asked).toEqual({
      url: '/calendar/v3/calendars/primary',
      authorization: 'Bearer ya29.canary',
    });
  });

  it.each([
    [
      403,
      { error: { code: 403, message: 'Disabled', errors: [{ reason: 'accessNotConfigured' }] } },
      'calendar.api-disabled',
    ],
    [503, '<html>', 'google.sign-in-unavailable'],
    [429, { error: { code: 429, message: 'Slow' } }, 'google.sign-in-unavailable'],
    [200, '{}', 'google.sign-in-unavailable'],
    [404, '<html>', 'calendar.account-unreadable'],
  ])('is not told by %d %j: %s', async (status, body, code) => {
    const found = await ask(status, body);
    expect(found).toMatchObject({ ok: false, problem: { code } });
    expect(JSON.stringify(found)).not.toContain('canary');
  });
});
