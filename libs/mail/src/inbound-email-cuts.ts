import type { CutField, EmailAddress, InboundEmailReceived } from '#contracts/inbound-email';
import { Allowance, jsonBytes } from '#deliveries/allowance';

type Attachments = InboundEmailReceived['attachments'];
type Headers = InboundEmailReceived['headers'];

// Together they stay below MAX_INBOUND_EMAIL_BYTES with 8 KiB to spare for ids, paths and field names.
export const MAX_TEXT_INLINE = new Allowance(28 * 1024);
export const MAX_HTML_INLINE = new Allowance(28 * 1024);
const MAX_HEADERS = 24 * 1024;
const MAX_HEADER_VALUE = new Allowance(4 * 1024);
const MAX_RECIPIENTS = new Allowance(4 * 1024); // for each of to, cc, bcc, replyTo
const MAX_REFERENCES = new Allowance(6 * 1024);
const MAX_ATTACHMENTS = new Allowance(14 * 1024);
const MAX_SUBJECT = new Allowance(2 * 1024);
const MAX_SHORT_FIELD = new Allowance(512);
const MAX_MESSAGE_ID = new Allowance(1024);

/** Read by the host to tell automatic mail from human mail, and to thread answers: kept before all others; other list-* headers follow. */
const HEADERS_KEPT_FIRST = [
  'auto-submitted',
  'precedence',
  'return-path',
  'content-type',
  'x-auto-response-suppress',
  'x-autoreply',
  'x-autorespond',
  'x-loop',
  'list-id',
  'list-unsubscribe',
  'list-post',
  'message-id',
  'in-reply-to',
  'from',
  'sender',
  'reply-to',
  'subject',
  'date',
  'x-original-from',
  'x-google-group-id',
];

/**
 * Shortens what is absurdly long, and remembers what it shortened:
 * - a header value ends after 4 KiB; headers together take 24 KiB: those that the host reads come first, then the
 *   others in their order, and one that does not fit any more is left out whole;
 * - to, cc, bcc and replyTo keep the first that fit into 4 KiB each; a name too long is left out, an address cut;
 * - references keep the first one (the start of the thread) and the latest that fit into 6 KiB;
 * - attachments keep the first that fit into 14 KiB, about forty; a content type or id above 512 bytes is left out;
 * - the subject ends after 2 KiB; a message id above 1 KiB is left out.
 */
export class Cuts {
  private readonly cut = new Set<CutField>();

  made(): CutField[] {
    return [...this.cut];
  }

  subject(subject: string): string {
    return this.noting('subject', subject, MAX_SUBJECT.beginningOf(subject));
  }

  messageId(id: string | undefined): string | undefined {
    return this.noting('ids', id, id !== undefined && MAX_MESSAGE_ID.fits(id) ? id : undefined);
  }

  address(address: EmailAddress): EmailAddress {
    if (MAX_SHORT_FIELD.fits(address)) return address;
    this.cut.add('recipients');
    return { email: new Allowance(400).beginningOf(address.email) };
  }

  recipients(addresses: EmailAddress[]): EmailAddress[] {
    const kept = MAX_RECIPIENTS.firstOf(addresses.slice(0, 500).map((address) => this.address(address)));
    if (kept.length < addresses.length) this.cut.add('recipients');
    return kept;
  }

  references(references: string[]): string[] {
    if (MAX_REFERENCES.fits(references)) return references;
    this.cut.add('references');
    const [first, ...later] = references.filter((id) => MAX_MESSAGE_ID.fits(id));
    if (first === undefined) return [];
    const [, ...latest] = MAX_REFERENCES.firstOf([first, ...later.reverse()]);
    return [first, ...latest.reverse()];
  }

  attachments(attachments: Attachments): Attachments {
    const bounded = attachments.slice(0, 200).map((attachment) => this.boundedAttachment(attachment));
    const kept = MAX_ATTACHMENTS.firstOf(bounded);
    if (kept.length < attachments.length) this.cut.add('attachments');
    return kept;
  }

  headers(headers: Headers): Headers {
    const kept: Headers = {};
    let left = MAX_HEADERS;
    for (const name of orderedNames(headers)) {
      const values = (headers[name] ?? []).slice(0, 500).map((value) => MAX_HEADER_VALUE.beginningOf(value));
      const size = jsonBytes(name) + jsonBytes(values) + 2;
      if (size > left) {
        this.cut.add('headers');
        continue;
      }
      left -= size;
      kept[name] = this.noting('headers', headers[name] ?? [], values);
    }
    return kept;
  }

  private boundedAttachment(attachment: Attachments[number]): Attachments[number] {
    const { contentId, contentType, ...rest } = attachment;
    const isTypeKept = MAX_SHORT_FIELD.fits(contentType);
    const isIdKept = contentId === undefined || MAX_SHORT_FIELD.fits(contentId);
    if (isTypeKept && isIdKept) return attachment;
    this.cut.add('attachments');
    return {
      ...rest,
      contentType: isTypeKept ? contentType : 'application/octet-stream',
      ...(isIdKept && contentId !== undefined ? { contentId } : {}),
    };
  }

  private noting<Value>(field: CutField, whole: Value, kept: Value): Value {
    if (JSON.stringify(whole) !== JSON.stringify(kept)) this.cut.add(field);
    return kept;
  }
}

function orderedNames(headers: Headers): string[] {
  const names = Object.keys(headers);
  const first = HEADERS_KEPT_FIRST.filter((name) => names.includes(name));
  const ofLists = names.filter((name) => name.startsWith('list-'));
  return [...new Set([...first, ...ofLists, ...names])];
}
