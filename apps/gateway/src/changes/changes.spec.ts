import { setTimeout as pause } from 'node:timers/promises';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';
import { mostListenersOfTenant } from './listeners.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway.close());

const mailboxAdded = {
  providerId: 'm1',
  name: 'Helpdesk',
  address: 'support@acme.com',
  filter: { labels: [], include: [] },
  defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
};

/** What a page hears, event by event. */
async function listening(token: Promise<string>) {
  const ending = new AbortController();
  const response = await fetch(`${gateway.url}/api/google/changes`, {
    headers: { authorization: `Bearer ${await token}` },
    signal: ending.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    /** Resolves with all that was heard once it holds this. */
    heard: async (part: string): Promise<string> => {
      while (!text.includes(part)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`The stream ended after ${text}`);
        text += value;
      }
      return text;
    },
    close: () => ending.abort(),
  };
}

describe('whoever listens for changes', () => {
  it('hears which provider changed, of the own tenant only', async () => {
    const own = await listening(gateway.token({ tenant: 't1' }));
    const foreign = await listening(gateway.token({ tenant: 't2' }));
    expect(own.response.headers.get('content-type')).toContain('text/event-stream');
    await Promise.all([own.heard('event: listening'), foreign.heard('event: listening')]);
    await gateway.append('mailbox-t1+m1', 'MailboxAdded', mailboxAdded);
    await gateway.append('mailbox-t2+m2', 'MailboxAdded', { ...mailboxAdded, providerId: 'm2' });
    expect(await own.heard('"m1"')).not.toContain('m2');
    expect(await foreign.heard('"m2"')).not.toContain('m1');
    own.close();
    foreign.close();
  });

  it('hears that something changed, but not what, without the permission to see all', async () => {
    const technician = await listening(gateway.token({ tenant: 't3', permissions: [] }));
    await technician.heard('event: listening');
    await gateway.append('mailbox-t3+m3', 'MailboxAdded', { ...mailboxAdded, providerId: 'm3' });
    expect(await technician.heard('event: changed')).toContain('{"shared":true,"providerIds":[]}');
    technician.close();
  });

  it('hears of the setup that all providers share', async () => {
    const own = await listening(gateway.token({ tenant: 't4' }));
    await own.heard('event: listening');
    await gateway.append('googleApp-t4', 'ConfigCleared', {});
    expect(await own.heard('event: changed')).toContain('"shared":true');
    own.close();
  });

  it('is refused when the tenant has too many already, and let in when one has gone', async () => {
    const token = gateway.token({ tenant: 't5' });
    const all = await Promise.all(Array.from({ length: mostListenersOfTenant }, () => listening(token)));
    const ask = async () =>
      fetch(`${gateway.url}/api/google/changes`, { headers: { authorization: `Bearer ${await token}` } });
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'request.too-many-listeners' });
    all[0]!.close();
    let answered = await ask();
    while (answered.status === 429) {
      await pause(20);
      answered = await ask();
    }
    expect(answered.status).toBe(200);
    await answered.body!.cancel();
    for (const one of all) one.close();
  });

  it('needs a token', async () => {
    const { status } = await fetch(`${gateway.url}/api/google/changes`);
    expect(status).toBe(401);
  });
});
