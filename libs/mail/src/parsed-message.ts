import type { EmailAddress } from '#contracts/inbound-email';

/** The largest raw message that is parsed. Gmail itself takes in 50 MB, transfer encoding included. */
export const MAX_RAW_BYTES = 80 * 1024 * 1024;
/** The largest header block of one part; a short header line counts for more than its bytes, so that millions of them do not fit either. */
export const MAX_HEADER_BYTES = 1024 * 1024;
/** The most MIME parts of a message, those of the messages nested in it included. */
export const MAX_PARTS = 1000;
/** How many messages within messages are opened. A deeper one is still listed as an `.eml` attachment. */
export const MAX_NESTED_MESSAGES_DEPTH = 8;
/** Longer HTML is turned into text by dropping its tags only: crafted markup takes time in the square of its length. */
export const MAX_HTML_CHARACTERS_TO_CONVERT = 256 * 1024;
/** How much of a body that has no readable parts is shown as it is. In bytes. */
export const MAX_UNREADABLE_BODY_SHOWN = 64 * 1024;
/** A parse that has not ended by then is given up. It bounds a stalled stream, not a busy processor. In milliseconds. */
export const PARSE_DEADLINE = 60_000;

/** What Google says about a message, beside its raw content. */
export interface MessageEnvelope {
  /** Gmail's own id of the message: unique within the mailbox, unlike the Message-ID that the sender chose. */
  gmailId: string;
  threadId: string;
  labelIds: string[];
  /** When Gmail received it. The Date header is the sender's claim and is never read. */
  internalDate: Date;
}

export interface Attachment {
  /** Stable across fetches: made of part path, name and size. Safe in a URL path. */
  id: string;
  /** The sender's file name without any folder, or one made up from the content type. Never empty. */
  name: string;
  contentType: string;
  /** Bytes after decoding. */
  size: number;
  /** Lower-case hex, over the decoded bytes. */
  sha256: string;
  /** Without angle brackets. */
  contentId?: string;
  /** The HTML body shows it. Whatever is not inline has to be listed, or nobody would see it. */
  isInline: boolean;
  /** IMAP part number: `2` or `1.3`; within the message nested in part 2 it is `2.1` and so on. */
  partPath: string;
}

/** Where the sender was found. `none` means that `from` is the stand-in `unknown-sender@unknown.invalid`. */
export type SenderSource = 'from' | 'sender' | 'return-path' | 'none';

/**
 * A message as a helpdesk needs it. Bodies are passed on as they were sent: nothing here makes HTML safe to
 * show, so whoever shows `body.html` has to sanitise it.
 */
export interface ParsedMessage {
  /**
   * `rfc822:<local part>@<lower-case domain>` of the first Message-ID header, or `gmail:<gmailId>` if there is none
   * or it is not of the form `<local@domain>` in at most 998 printable ASCII characters. The sender chose it, so two
   * different messages may carry the same one; `gmailId` tells them apart.
   */
  id: string;
  provider: 'google';
  gmailId: string;
  threadId: string;
  labelIds: string[];
  receivedAt: Date;
  from: EmailAddress;
  senderSource: SenderSource;
  /** Who wrote it, if a Google Group put its own address into From. As spoofable as any header: see `originalSender`. */
  originalFrom?: EmailAddress;
  replyTo: EmailAddress[];
  to: EmailAddress[];
  cc: EmailAddress[];
  bcc: EmailAddress[];
  subject: string;
  body: {
    text: string;
    html?: string;
    /** There was no plain text (or only blanks): the text was made from the HTML. */
    textDerived: boolean;
  };
  attachments: Attachment[];
  /** The first Message-ID header as it was sent. */
  messageId?: string;
  /** Message ids with their angle brackets. */
  inReplyTo?: string;
  references: string[];
  /**
   * All headers: lower-case name to values in their order, unfolded. Encoded words stay encoded here;
   * bytes outside ASCII are read as UTF-8, or as windows-1252 if they are not UTF-8.
   */
  headers: Record<string, string[]>;
  sizeBytes: number;
  /** What could not be read as it was meant, in plain sentences. Empty for nearly every message. */
  warnings: string[];
}

/** `ok: false` is a message that cannot be read at all; its caller parks it with the reason. */
export type ParseOutcome = { ok: true; message: ParsedMessage } | { ok: false; reason: string };
