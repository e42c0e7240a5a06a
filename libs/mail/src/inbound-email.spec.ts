import { createHash } from 'node:crypto';
import type { InboundEmailReceived } from '#contracts/inbound-email';
import { inboundEmailReceived, MAX_INBOUND_EMAIL_BYTES } from '#contracts/inbound-email';
import type { MailFixtureName } from './fixtures/fixtures.js';
import { mailFixtures, readMailFixture } from './fixtures/fixtures.js';
import type { InboundEmail } from './inbound-email.js';
import { toInboundEmail } from './inbound-email.js';
import { parseMessage } from './parse-message.js';

const envelope = {
  gmailId: 'g1',
  threadId: 't1',
  labelIds: ['INBOX'],
  internalDate: new Date('2026-03-02T09:02:03Z'),
};

const context = {
  tenantId: 'tenant-1',
  providerId: 'provider-1',
  mailbox: 'Support@MSP.example',
  rawRef: { objectKey: 'tenant-1/g1/raw.eml', size: 1, sha256: '0'.repeat(64), path: '/emails/g1/raw' },
  objectPrefix: 'tenant-1/g1',
  path: '/emails/g1',
};

async function delivered(raw: Buffer | string, mailbox = context.mailbox): Promise<InboundEmail> {
  const outcome = await parseMessage(Buffer.from(raw), envelope);
  if (!outcome.ok) throw new Error(outcome.reason);
  return toInboundEmail(outcome.message, { ...context, mailbox });
}

async function payloadOf(name: MailFixtureName): Promise<InboundEmailReceived> {
  return (await delivered(readMailFixture(name))).payload;
}

describe('the delivery of a message', () => {
  it.each(mailFixtures.map(({ name }) => name))(
    'keeps its contract for %s, with nothing cut',
    async (name) => {
      const payload = await payloadOf(name);
      expect(inboundEmailReceived.parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
      expect(payload.cut).toEqual([]);
    },
  );

  it('carries what a ticket needs, and refers to the raw message', async () => {
    expect(await payloadOf('reply')).toMatchObject({
      type: 'inbound-email.received',
      version: 1,
      deliveryId: 'inbound-email:tenant-1:provider-1:g1',
      tenantId: 'tenant-1',
      providerId: 'provider-1',
      receivedAt: '2026-03-02T09:02:03.000Z',
      from: { email: 'ana@customer.example', name: 'Ana Ruiz' },
      inReplyTo: '<ticket-42.2@msp.example>',
      rawMime: context.rawRef,
    });
  });

  it('refers to attachments by the path that serves their bytes, and carries none of them', async () => {
    const { attachments } = await payloadOf('nested-message');
    expect(attachments.map(({ path }) => path)).toEqual(
      attachments.map(({ id }) => `/emails/g1/attachments/${id}`),
    );
    expect(JSON.stringify(attachments)).not.toContain('disk full');
  });

  it('names the person who wrote to a group of the own domain', async () => {
    expect(await payloadOf('google-group')).toMatchObject({
      from: { email: 'ana@customer.example', name: 'Ana Ruiz' },
      senderSource: 'group-original',
      viaGroup: { email: 'helpdesk@msp.example' },
    });
  });

  it('does not let a stranger pose as somebody else with an X-Original-From header', async () => {
    const { payload } = await delivered(
      'From: thief@evil.example\r\nX-Original-From: boss@customer.example\r\nX-Google-Group-Id: 1\r\n\r\n',
    );
    expect(payload.from).toEqual({ email: 'thief@evil.example' });
    expect(payload).not.toHaveProperty('viaGroup');
  });

  it('does not take a stranger for a colleague because both have a gmail.com address', async () => {
    const raw = 'From: thief@gmail.com\r\nX-Original-From: boss@customer.example\r\n\r\n';
    const { payload } = await delivered(raw, 'small.shop@gmail.com');
    expect(payload.from).toEqual({ email: 'thief@gmail.com' });
  });
});

describe('a body too long to travel along', () => {
  it('is stored whole, referred to, and begins in the delivery', async () => {
    const text = 'Zeile für Zeile 🔧\n'.repeat(10_000);
    const { payload, objects } = await delivered(`Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
    expect(text.startsWith(payload.body.text)).toBe(true);
    expect(payload.body.text.length).toBeGreaterThan(10_000);
    const content = Buffer.from(text);
    expect(payload.body.textObject).toEqual({
      objectKey: 'tenant-1/g1/body.txt',
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      path: '/emails/g1/body.txt',
    });
    expect(objects).toEqual([
      { reference: payload.body.textObject, contentType: 'text/plain; charset=utf-8', content },
    ]);
  });

  it('travels only by reference when it is HTML, since half of it would be broken', async () => {
    const html = `<p>${'x'.repeat(100_000)}</p>`;
    const { payload, objects } = await delivered(`Content-Type: text/html\r\n\r\n${html}`);
    expect(payload.body).not.toHaveProperty('html');
    expect(payload.body.htmlObject).toEqual(
      objects.find(({ contentType }) => contentType.startsWith('text/html'))?.reference,
    );
    expect(objects.at(-1)?.content.toString()).toBe(html);
  });

  it('never ends in half a character', async () => {
    for (const padding of ['', 'a', 'aa', 'aaa']) {
      const { payload } = await delivered(
        `Content-Type: text/plain; charset=utf-8\r\n\r\n${padding}${'🔧'.repeat(20_000)}`,
      );
      expect(payload.body.text.isWellFormed()).toBe(true);
      expect(payload.body.text).not.toContain('\uFFFD');
    }
  });
});

describe('absurdly long headers', () => {
  it('are left out from the end, but never those that tell automatic mail from human mail', async () => {
    const junk = Array.from({ length: 400 }, (_, at) => `X-Junk-${at}: ${'j'.repeat(500)}`).join('\r\n');
    const { payload } = await delivered(
      `${junk}\r\nAuto-Submitted: auto-replied\r\nPrecedence: bulk\r\n\r\nbody`,
    );
    expect(payload.cut).toEqual(['headers']);
    expect(payload.headers).toMatchObject({ 'auto-submitted': ['auto-replied'], precedence: ['bulk'] });
    expect(payload.headers).toHaveProperty('x-junk-0');
    expect(payload.headers).not.toHaveProperty('x-junk-399');
  });

  it('end early when a single one is too long', async () => {
    const { payload } = await delivered(`X-Long: ${'l'.repeat(100_000)}\r\n\r\nbody`);
    expect(payload.headers['x-long']?.[0]).toMatch(/^l{4000,4096}$/);
    expect(payload.cut).toEqual(['headers']);
  });

  it('keep the first and the latest reference', async () => {
    const ids = Array.from({ length: 1000 }, (_, at) => `<message-${at}@customer.example>`);
    const { payload } = await delivered(`References: ${ids.join('\r\n ')}\r\n\r\nbody`);
    expect(payload.references[0]).toBe(ids[0]);
    expect(payload.references.slice(1)).toEqual(ids.slice(-payload.references.length + 1));
    expect(payload.references.length).toBeGreaterThan(100);
    expect(payload.cut).toContain('references');
  });

  it('keep the first recipients and say that there were more', async () => {
    const all = Array.from({ length: 5000 }, (_, at) => `person-${at}@customer.example`);
    const { payload } = await delivered(`To: ${all.join(',\r\n ')}\r\n\r\nbody`);
    expect(payload.to.map(({ email }) => email)).toEqual(all.slice(0, payload.to.length));
    expect(payload.to.length).toBeGreaterThan(50);
    expect(payload.cut).toContain('recipients');
  });

  it('leave the whole delivery below its limit, whatever is exaggerated at once', async () => {
    const many = (header: string, value: string): string => `${header}: ${`${value}, `.repeat(3000)}\r\n`;
    const parts = Array.from({ length: 900 }, (_, at) => {
      return `--b\r\nContent-Type: image/${'x'.repeat(900)}; name="${'\u0001ü'.repeat(300)}${at}"\r\nContent-ID: <${'c'.repeat(900)}>\r\n\r\n`;
    });
    const { payload } = await delivered(
      many('To', '"\\"\\"\\"\\"" <a@b.example>') +
        many('Cc', 'c@b.example') +
        many('Bcc', 'd@b.example') +
        many('Reply-To', 'e@b.example') +
        many('References', '<a@b>') +
        many('X-Quotes', '"""""') +
        `In-Reply-To: <${'i'.repeat(5000)}@x>\r\nMessage-ID: <${'m'.repeat(5000)}@x>\r\n` +
        `Subject: ${'\t"'.repeat(20_000)}\r\n` +
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n` +
        `--b\r\nContent-Type: text/plain\r\n\r\n${'\u0001'.repeat(200_000)}\r\n` +
        `--b\r\nContent-Type: text/html\r\n\r\n${'"'.repeat(13_000)}\r\n` +
        parts.join(''),
    );
    expect([...payload.cut].sort()).toEqual(['attachments', 'headers', 'ids', 'recipients', 'subject']);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(MAX_INBOUND_EMAIL_BYTES);
    expect(inboundEmailReceived.safeParse(payload).success).toBe(true);
  });
});
