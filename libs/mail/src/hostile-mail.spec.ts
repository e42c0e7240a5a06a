import fc from 'fast-check';
import { inboundEmailReceived, MAX_INBOUND_EMAIL_BYTES } from '#contracts/inbound-email';
import { extractAttachment } from './extract-attachment.js';
import { mailFixtures, readMailFixture } from './fixtures/fixtures.js';
import { toInboundEmail } from './inbound-email.js';
import { parseMessage } from './parse-message.js';

const envelope = { gmailId: 'g1', threadId: 't1', labelIds: ['INBOX'], internalDate: new Date(0) };

const context = {
  tenantId: 't1',
  providerId: 'p1',
  mailbox: 'support@msp.example',
  rawRef: { objectKey: 'o/raw.eml', size: 1, sha256: '0'.repeat(64), path: '/emails/g1/raw' },
  objectPrefix: 'o',
  path: '/emails/g1',
};

/** What breaks mail in the wild, and what attackers like to put in. */
const fragments = [
  '\r',
  '\n',
  '\r\n\r\n',
  '\0',
  '--',
  'Content-Type: multipart/mixed; boundary="b1"\r\n',
  'Content-Type: message/rfc822\r\n\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'content-type: text/html; charset=utf-7\r\n',
  '=?utf-8?B?////?=',
  '=?x?Q?=',
  "filename*0*=''%;filename*1=",
  '<<<>>>"',
  '__proto__: x\r\n',
  '\xff\xfe\x80',
  '\ud83d',
].map((text) => Buffer.from(text, 'latin1'));

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(200),
  inserted: fc.oneof(
    fc.constantFrom(...fragments),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  ),
});

const mutatedMail = fc
  .tuple(
    fc.constantFrom(...mailFixtures.map(({ name }) => name)),
    fc.array(edit, { minLength: 1, maxLength: 8 }),
  )
  .map(([name, edits]) =>
    edits.reduce((raw, { at, removed, inserted }) => {
      const from = Math.floor(at * raw.length);
      return Buffer.concat([raw.subarray(0, from), inserted, raw.subarray(from + removed)]);
    }, readMailFixture(name)),
  );

describe('mail damaged at random', () => {
  it('is read as far as possible or refused with a reason, the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedMail, async (raw) => {
        const outcome = await parseMessage(raw, envelope);
        if (!outcome.ok) return expect(outcome.reason).not.toBe('');
        expect(await parseMessage(raw, envelope)).toEqual(outcome);
      }),
      { numRuns: 300 },
    );
  });

  it('gives every attachment an id of its own, by which its bytes are found again', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedMail, async (raw) => {
        const outcome = await parseMessage(raw, envelope);
        if (!outcome.ok) return;
        const { attachments } = outcome.message;
        expect(new Set(attachments.map(({ id }) => id)).size).toBe(attachments.length);
        for (const attachment of attachments) {
          expect(await extractAttachment(raw, attachment.id)).toMatchObject({ ok: true, attachment });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('makes a delivery that keeps its contract and its size', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedMail, async (raw) => {
        const outcome = await parseMessage(raw, envelope);
        if (!outcome.ok) return;
        const { payload } = toInboundEmail(outcome.message, context);
        const travelled: unknown = JSON.parse(JSON.stringify(payload));
        expect(inboundEmailReceived.parse(travelled)).toEqual(payload);
        expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(MAX_INBOUND_EMAIL_BYTES);
      }),
      { numRuns: 150 },
    );
  });
});

describe('random bytes', () => {
  it('never make reading fail other than by value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const outcome = await parseMessage(Buffer.from(bytes), envelope);
        expect(typeof outcome.ok).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });
});
