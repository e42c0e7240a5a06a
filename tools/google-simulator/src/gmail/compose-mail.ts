import { randomUUID } from 'node:crypto';

export interface SimpleMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  readonly messageId?: string | undefined;
  readonly inReplyTo?: string | undefined;
}

/** An RFC 5322 message in plain text, as a mail program would write it. */
export function composeMail(mail: SimpleMail): Buffer {
  const headers = [
    ['Date', mail.date.toUTCString().replace('GMT', '+0000')],
    ['Message-ID', mail.messageId ?? `<${randomUUID()}@mail.example.com>`],
    ['From', mail.from],
    ['To', mail.to],
    ['Subject', encodedWhereNeeded(mail.subject)],
    ...(mail.inReplyTo
      ? [
          ['In-Reply-To', mail.inReplyTo],
          ['References', mail.inReplyTo],
        ]
      : []),
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  const head = headers.map(([name, value]) => `${name}: ${onOneLine(value ?? '')}`).join('\r\n');
  const body = Buffer.from(mail.text).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}\r\n`);
}

const onOneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');

function encodedWhereNeeded(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}
