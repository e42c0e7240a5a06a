import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { MailParser } from 'mailparser';
import type { MailFixtureName } from './fixtures/fixtures.js';
import { mailFixtures, readMailFixture } from './fixtures/fixtures.js';
import { largeContent, largeMessage } from './fixtures/large-message.js';
import { extractAttachment } from './extract-attachment.js';
import { parseMessage } from './parse-message.js';
import type { ParsedMessage } from './parsed-message.js';
import { MAX_HEADER_BYTES, MAX_NESTED_MESSAGES_DEPTH, MAX_PARTS, MAX_RAW_BYTES } from './parsed-message.js';

const envelope = {
  gmailId: '18e0a1b2c3d4e5f6',
  threadId: '18e0a1b2c3d4e5f0',
  labelIds: ['INBOX', 'UNREAD'],
  internalDate: new Date('2026-03-02T09:02:03Z'),
};

async function parsed(raw: Buffer | string): Promise<ParsedMessage> {
  const outcome = await parseMessage(Buffer.from(raw), envelope);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.message;
}

function fixture(name: MailFixtureName): Promise<ParsedMessage> {
  return parsed(readMailFixture(name));
}

async function refusal(raw: Buffer | string): Promise<string> {
  const outcome = await parseMessage(Buffer.from(raw), envelope);
  return outcome.ok ? 'it was read' : outcome.reason;
}

function names(message: ParsedMessage): string[] {
  return message.attachments.map(({ name }) => name);
}

describe('what a helpdesk person sees of', () => {
  it('plain text: who wrote what to whom, received when Google says', async () => {
    const message = await fixture('plain-only');
    expect(message).toMatchObject({
      id: 'rfc822:plain.1@mail.customer.example',
      messageId: '<plain.1@Mail.Customer.Example>',
      gmailId: '18e0a1b2c3d4e5f6',
      receivedAt: new Date('2026-03-02T09:02:03Z'),
      from: { email: 'ana@customer.example', name: 'Ana Ruiz' },
      to: [{ email: 'support@msp.example', name: 'Support' }],
      subject: 'Printer on floor 3 does not print',
      attachments: [],
      warnings: [],
    });
    expect(message.body.text).toContain('shows "paper jam"');
    expect(message.body).not.toHaveProperty('html');
    expect(message.sizeBytes).toBe(readMailFixture('plain-only').length);
  });

  it('HTML alone: text made from it and marked so, and the HTML untouched', async () => {
    const { body } = await fixture('html-only');
    expect(body.text).toBe('My monitor flickers since Monday.\n\nAsset 4711 – room 12');
    expect(body.textDerived).toBe(true);
    expect(body.html).toContain('<script>alert(1)</script>');
  });

  it('pictures within the text: inline ones told apart from the invoice to be listed', async () => {
    const message = await fixture('inline-images');
    expect(message.attachments.map(({ name, isInline, partPath }) => [name, isInline, partPath])).toEqual([
      ['screenshot.png', true, '1.2'],
      ['part-1.3.png', true, '1.3'],
      ['invoice.pdf', false, '2'],
    ]);
    expect(message.attachments[0]?.contentId).toBe('shot@customer.example');
    expect(message.body.html).toContain('cid:shot%40customer.example');
    expect(message.cc).toEqual([{ email: 'boss@customer.example', name: 'Boss, The' }]);
  });

  it('a Japanese mail: its own letters', async () => {
    const message = await fixture('iso-2022-jp');
    expect(message.subject).toBe('プリンタが動きません');
    expect(message.from.name).toBe('山田太郎');
    expect(message.body.text).toBe('三階のプリンタが動きません。\nよろしくお願いします。\n');
  });

  it('a windows-1252 mail: umlauts, dashes, quotes and the euro sign', async () => {
    const message = await fixture('windows-1252');
    expect(message.subject).toBe('Rechnung – € 49,90');
    expect(message.from.name).toBe('Jürgen Müller');
    expect(message.body.text).toBe('Grüße – der Betrag von € 49,90 ist „falsch“.\n');
  });

  it('encoded names: people and files readable, a path reduced to its file name', async () => {
    const message = await fixture('encoded-names');
    expect(message.subject).toBe('Réunion annulée');
    expect(message.from.name).toBe('Zoë Łukasiewicz');
    expect(message.to.map(({ name, email }) => name ?? email)).toEqual([
      'Tech 🔧 Team',
      'Amélie',
      'bob@msp.example',
    ]);
    expect(names(message)).toEqual(['résumé € 2026.pdf', 'Übersicht.txt', 'passwd']);
  });

  it('a forwarded message: the message as a file, and below it the log that was attached to it', async () => {
    const message = await fixture('nested-message');
    expect(message.attachments.map(({ name, partPath }) => [name, partPath])).toEqual([
      ['Original problem.eml', '2'],
      ['server.log', '2.2'],
    ]);
    expect(message.body.text).toBe('See the forwarded message.\n');
  });

  it('an invitation: the words, and the calendar file to answer', async () => {
    const message = await fixture('calendar-invitation');
    expect(message.body.text).toContain('Tuesday Mar 3');
    expect(message.attachments.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['invite.ics', 'text/calendar'],
      ['invite.ics', 'application/ics'],
    ]);
    expect(new Set(message.attachments.map(({ id }) => id)).size).toBe(2);
  });

  it('a bounce: what failed in words, the status and the original as files, the ticket it belongs to', async () => {
    const message = await fixture('bounce');
    expect(message.body.text).toContain('nobody@customer.example');
    expect(names(message)).toEqual(['delivery-status.txt', 'message.eml']);
    expect(message.headers['return-path']).toEqual(['<>']);
    expect(message.headers['auto-submitted']).toEqual(['auto-replied']);
    expect(message.headers['content-type']?.[0]).toContain('report-type=delivery-status');
    expect(message.inReplyTo).toBe('<ticket-42@msp.example>');
  });

  it('an automatic answer: every header that gives it away', async () => {
    const { headers } = await fixture('auto-reply');
    expect(headers).toMatchObject({
      'auto-submitted': ['auto-replied'],
      'x-auto-response-suppress': ['DR, OOF, AutoReply'],
      'x-autoreply': ['yes'],
      precedence: ['auto_reply'],
    });
  });

  it('a list post: HTML and its plain footer in both bodies, the list headers unfolded', async () => {
    const { body, headers } = await fixture('mailing-list');
    expect(body.text).toMatch(/Release 2.0 is out.[^]*users mailing list/);
    expect(body.html).toMatch(/Release 2.0 is out.[^]*users mailing list/);
    expect(headers['list-unsubscribe']).toEqual([
      '<https://lists.project.example/u?x=1>, <mailto:users-leave@lists.project.example>',
    ]);
    expect(headers['list-id']?.[0]).toContain('users.lists.project.example');
  });

  it('a mail through a Google Group: the group in From, and the person who wrote it', async () => {
    const message = await fixture('google-group');
    expect(message.from.email).toBe('helpdesk@msp.example');
    expect(message.originalFrom).toEqual({ email: 'ana@customer.example', name: 'Ana Ruiz' });
  });

  it('winmail.dat: kept as a file', async () => {
    const { attachments } = await fixture('winmail-dat');
    expect(attachments).toMatchObject([
      { name: 'winmail.dat', contentType: 'application/ms-tnef', size: 25 },
    ]);
  });

  it('an answer: the whole thread it belongs to, oldest first', async () => {
    const message = await fixture('reply');
    expect(message.inReplyTo).toBe('<ticket-42.2@msp.example>');
    expect(message.references).toEqual([
      '<plain.1@Mail.Customer.Example>',
      '<ticket-42.1@msp.example>',
      '<reply.2@customer.example>',
      '<ticket-42.2@msp.example>',
    ]);
    expect(message.body).toMatchObject({ textDerived: false });
  });

  it('flowed text: paragraphs joined again', async () => {
    const { body } = await fixture('format-flowed');
    expect(body.text).toBe(
      'This sentence was broken by the sending program but is one paragraph.\nA new line.',
    );
  });

  it('broken headers: umlauts in raw bytes, the first of two ids, and what follows a stray line', async () => {
    const message = await fixture('broken-headers');
    expect(message.subject).toBe('Störung im Büro');
    expect(message.from).toEqual({ email: 'joerg@customer.example', name: 'Jörg' });
    expect(message.id).toBe('rfc822:first.1@customer.example');
    expect(message.headers['message-id']).toEqual([
      '<first.1@customer.example>',
      '<second.1@customer.example>',
    ]);
    expect(message.headers['x-folded']).toEqual(['one   two three']);
    expect(message.body.text).toBe('Nothing works.\n');
  });

  it('a scanner without sender and id: still a message, under the id that Gmail gave it', async () => {
    const message = await fixture('no-sender-no-id');
    expect(message.id).toBe('gmail:18e0a1b2c3d4e5f6');
    expect(message.from.email).toBe('unknown-sender@unknown.invalid');
    expect(message.senderSource).toBe('none');
    expect(message.to).toEqual([]);
    expect(message.body.text).toBe('Scanned page 1\n');
  });

  it('a subject alone: an empty text', async () => {
    const message = await fixture('empty-body');
    expect(message.subject).toBe('Please call me back');
    expect(message.body).toEqual({ text: '', textDerived: false });
  });

  it('an S/MIME signed mail: its text, and the signature as a file', async () => {
    const message = await fixture('smime-signed');
    expect(message.body.text).toBe('We order two laptops – as agreed.\n');
    expect(names(message)).toEqual(['smime.p7s']);
  });

  it('a 20 MB attachment: every byte of it', async () => {
    const size = 20 * 1024 * 1024;
    const { attachments } = await parsed(largeMessage(size));
    const sha256 = createHash('sha256').update(largeContent(size)).digest('hex');
    expect(attachments).toMatchObject([{ name: 'backup.zip', size, sha256 }]);
  });
});

describe('reading odd mail', () => {
  it('takes HTML for the text when the plain part is blank', async () => {
    const { body } = await parsed(
      'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>\r\n--b--',
    );
    expect(body).toMatchObject({ text: 'Hi', textDerived: true });
  });

  it('gives rough text for HTML that is too long to convert', async () => {
    const { body, warnings } = await parsed(
      `Content-Type: text/html\r\n\r\n<style>p {}</style><p>5 &lt; 6</p>${'<li>x'.repeat(200_000)}`,
    );
    expect(body.text.slice(0, 7)).toBe('5 < 6\nx');
    expect(body.textDerived).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('lists a message that is nothing but a file', async () => {
    const message = await parsed(
      'Content-Type: application/pdf; name=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==',
    );
    expect(message.attachments).toMatchObject([{ name: 'scan.pdf', size: 4, partPath: '1' }]);
  });

  it('keeps a text file that stands inline behind the text as a file', async () => {
    const file = 'Content-Type: text/plain\r\nContent-Disposition: inline; filename=';
    const message = await parsed(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${file}body.txt\r\n\r\nHi\r\n--b\r\n${file}error.log\r\n\r\nboom\r\n--b--`,
    );
    expect(message.body.text).toBe('Hi');
    expect(message.attachments).toMatchObject([{ name: 'error.log', size: 4, partPath: '2' }]);
  });

  it('reads a body that claims no charset as windows-1252 when it is not UTF-8', async () => {
    const { body } = await parsed(Buffer.from('Subject: x\r\n\r\nGrüße', 'latin1'));
    expect(body.text).toBe('Grüße');
  });

  it('shows the source of a multipart message that names no boundary', async () => {
    const message = await parsed('Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nhelp me\r\n');
    expect(message.body.text).toContain('help me');
    expect(message.warnings).toHaveLength(1);
  });

  it('reads what it can of an unknown charset and of broken base64', async () => {
    const unknown = await parsed('Content-Type: text/plain; charset=klingon-8\r\n\r\nhello');
    expect(unknown.body.text).toBe('hello');
    const broken = await parsed('Content-Transfer-Encoding: base64\r\n\r\n!!%%=aGVs bG8===\r\n');
    expect(broken.body.text).toBe('hello');
  });

  it('reads lines that end in a lone carriage return', async () => {
    const message = await parsed('From: a@b.example\rSubject: hi\r\rbody');
    expect(message).toMatchObject({ from: { email: 'a@b.example' }, subject: 'hi', body: { text: 'body' } });
  });

  it.each([
    ['<two words@x.example>'],
    ['no-at-sign'],
    ['<a@b> <c@d>'],
    [`<${'x'.repeat(1000)}@y.example>`],
    ['<ümlaut@x.example>'],
  ])('falls back to the Gmail id for the broken Message-ID %s', async (messageId) => {
    const { id } = await parsed(`Message-ID: ${messageId}\r\n\r\nbody`);
    expect(id).toBe('gmail:18e0a1b2c3d4e5f6');
  });

  it('takes the sender from Sender, then from Return-Path, when From is unusable', async () => {
    const bySender = await parsed(
      'From: nobody\r\nSender: s@x.example\r\nReturn-Path: <r@x.example>\r\n\r\n',
    );
    expect([bySender.from.email, bySender.senderSource]).toEqual(['s@x.example', 'sender']);
    const byPath = await parsed('Return-Path: <r@x.example>\r\n\r\n');
    expect([byPath.from.email, byPath.senderSource]).toEqual(['r@x.example', 'return-path']);
  });

  it('does not believe a Reply-To to be the writer without a group at work', async () => {
    const message = await parsed('From: a@x.example\r\nReply-To: b@y.example\r\n\r\n');
    expect(message).not.toHaveProperty('originalFrom');
  });

  it('keeps headers whose names mean something to JavaScript out of trouble', async () => {
    const { headers } = await parsed('__proto__: evil\r\nconstructor: fine\r\nFrom: a@x.example\r\n\r\n');
    expect(Object.keys(headers)).toEqual(['constructor', 'from']);
  });
});

describe('hostile mail', () => {
  it('without a byte is refused', async () => {
    expect(await refusal('')).toBe('the message is empty');
  });

  it('larger than Gmail would ever take in is refused', async () => {
    const outcome = await parseMessage(Buffer.alloc(MAX_RAW_BYTES + 1), envelope);
    expect(outcome).toEqual({ ok: false, reason: `the message is larger than ${MAX_RAW_BYTES} bytes` });
  });

  it('with millions of headers is refused', async () => {
    expect(await refusal(`${'X: y\r\n'.repeat(MAX_HEADER_BYTES)}\r\n`)).toContain('header size');
  });

  it('with more parts than allowed is refused', async () => {
    const parts = '--b\r\n\r\nx\r\n'.repeat(MAX_PARTS + 1);
    expect(await refusal(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`)).toContain(
      'child nodes',
    );
  });

  it('nested in itself many times is opened to the limit and no deeper', async () => {
    let raw = 'Subject: innermost\r\n\r\nx';
    for (let depth = 0; depth < 50; depth++) raw = `Content-Type: message/rfc822\r\n\r\n${raw}`;
    const message = await parsed(raw);
    expect(message.attachments).toHaveLength(MAX_NESTED_MESSAGES_DEPTH + 1);
    expect(message.warnings).toHaveLength(1);
  });

  it('with multiparts nested 900 deep still shows its text', async () => {
    const levels = Array.from({ length: 900 }, (_, at) => {
      return `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`;
    });
    expect((await parsed(`${levels.join('')}\r\nleaf`)).body.text).toBe('leaf');
  });

  it('that makes the parser throw is refused instead of ending the process', async () => {
    const prototype = MailParser.prototype as unknown as { createNode: () => unknown };
    const { createNode } = prototype;
    prototype.createNode = () => {
      throw new Error('planted');
    };
    try {
      expect(await refusal('Subject: x\r\n\r\n')).toBe('planted');
    } finally {
      prototype.createNode = createNode;
    }
  });
});

describe('an attachment', () => {
  it('comes out of the raw message again by its id', async () => {
    const raw = readMailFixture('nested-message');
    const [, log] = (await parsed(raw)).attachments;
    const outcome = await extractAttachment(raw, log?.id ?? '');
    expect(outcome).toMatchObject({ ok: true, attachment: log });
    expect(outcome.ok && outcome.content.toString()).toBe('disk full');
  });

  it('keeps its id when the message is fetched again, and has another where path, name or size differ', async () => {
    const ids = async (name: string, content: string): Promise<string[]> =>
      (await parsed(`Content-Type: application/pdf; name=${name}\r\n\r\n${content}`)).attachments.map(
        ({ id }) => id,
      );
    expect(await ids('a.pdf', 'xy')).toEqual(await ids('a.pdf', 'xy'));
    expect(await ids('a.pdf', 'xy')).not.toEqual(await ids('b.pdf', 'xy'));
    expect(await ids('a.pdf', 'xy')).not.toEqual(await ids('a.pdf', 'xyz'));
  });

  it('has a path of its own even where broken nesting numbers two parts alike', async () => {
    const { attachments } = await parsed(
      'Content-Type: image/png; boundary=b\r\n\r\none\r\n--b\r\nContent-Type: image/png\r\n\r\ntwo\r\n--b--',
    );
    expect(attachments.map(({ partPath }) => partPath)).toEqual(['1', '1~2']);
  });

  it('of a nonsensical content type is plain bytes', async () => {
    const { attachments } = await parsed('Content-Type: multi mixed/<b>; name=a.bin\r\n\r\nx');
    expect(attachments).toMatchObject([{ name: 'a.bin', contentType: 'application/octet-stream' }]);
  });

  it('that is unknown is a value, not an error', async () => {
    expect(await extractAttachment(readMailFixture('bounce'), '9-0')).toEqual({
      ok: false,
      reason: 'not-found',
    });
    expect(await extractAttachment(Buffer.alloc(0), '9-0')).toEqual({ ok: false, reason: 'unreadable' });
  });
});

it('the list of fixtures names every stored mail', () => {
  const stored = readdirSync(new URL('./fixtures/', import.meta.url)).filter((file) => file.endsWith('.eml'));
  expect(mailFixtures.map(({ file }) => file).sort()).toEqual(stored.sort());
});
