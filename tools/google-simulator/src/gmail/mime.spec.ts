import fc from 'fast-check';
import { decodeWords, parseMime } from './mime.js';

const crlf = (lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

describe('a MIME message', () => {
  it('of a single part is that part, without children', () => {
    const part = parseMime(crlf(['Subject: Hello', 'Content-Type: text/plain', '', 'Hi', 'there']));
    expect(part).toMatchObject({ partId: '', mimeType: 'text/plain', filename: '', parts: [] });
    expect(part.body.toString()).toBe('Hi\r\nthere');
  });

  it('keeps its tree of parts, numbered as Gmail numbers them', () => {
    const message = crlf([
      'Content-Type: multipart/mixed; boundary="outer"',
      '',
      'preamble',
      '--outer',
      'Content-Type: multipart/alternative; boundary=inner',
      '',
      '--inner',
      'Content-Type: text/plain',
      '',
      'plain',
      '--inner',
      'Content-Type: text/html',
      '',
      '<p>rich</p>',
      '--inner--',
      '--outer',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('%PDF').toString('base64'),
      '--outer--',
      'epilogue',
    ]);
    const tree = parseMime(message);
    expect(tree.parts.map(({ partId, mimeType }) => [partId, mimeType])).toEqual([
      ['0', 'multipart/alternative'],
      ['1', 'application/pdf'],
    ]);
    expect(tree.parts[0]?.parts.map(({ partId, body }) => [partId, body.toString()])).toEqual([
      ['0.0', 'plain'],
      ['0.1', '<p>rich</p>'],
    ]);
    expect(tree.parts[1]).toMatchObject({ filename: 'a.pdf', body: Buffer.from('%PDF') });
  });

  it('shows an attached message with its own parts below it', () => {
    const message = crlf([
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: message/rfc822',
      '',
      'Subject: Inner',
      '',
      'inner text',
      '--b--',
    ]);
    const attached = parseMime(message).parts[0];
    expect(attached?.mimeType).toBe('message/rfc822');
    expect(attached?.parts[0]?.headers).toContainEqual({ name: 'Subject', value: 'Inner' });
    expect(attached?.parts[0]?.body.toString()).toBe('inner text');
  });

  it('decodes quoted-printable bodies', () => {
    const head = [
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
    ];
    expect(parseMime(crlf([...head, 'Gr=C3=BC=C3=9Fe =', 'an alle'])).body.toString()).toBe('Grüße an alle');
  });

  it('unfolds headers and reads file names in either international form', () => {
    const extended = parseMime(
      crlf(['Content-Disposition: attachment;', " filename*=utf-8''Stra%C3%9Fe.txt", '', '']),
    );
    const worded = parseMime(
      crlf([
        `Content-Type: text/plain; name="=?utf-8?B?${Buffer.from('Straße.txt').toString('base64')}?="`,
        '',
        '',
      ]),
    );
    expect([extended.filename, worded.filename]).toEqual(['Straße.txt', 'Straße.txt']);
  });

  it('takes bare line feeds as line breaks', () => {
    expect(parseMime(Buffer.from('Subject: x\n\nbody')).body.toString()).toBe('body');
  });

  it('without a closing boundary still shows its last part', () => {
    const message = crlf(['Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'only']);
    expect(parseMime(message).parts.map(({ body }) => body.toString())).toEqual(['only']);
  });

  it('joins adjacent encoded words', () => {
    expect(decodeWords('=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?= an_alle')).toBe('Grüße an_alle');
  });

  it('is read without failing whatever its bytes are, and keeps every byte of a plain body', () => {
    const line = fc.constantFrom(
      '--b',
      '--b--',
      '',
      'Content-Type: multipart/mixed; boundary=b',
      '=?x?q?=',
      '"',
    );
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), bytes, (lines, tail) => {
        const part = parseMime(Buffer.concat([crlf(lines), Buffer.from(tail)]));
        expect(part.partId).toBe('');
        const plain = parseMime(Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.from(tail)]));
        expect(plain.body.equals(Buffer.from(tail))).toBe(true);
      }),
    );
  });
});
