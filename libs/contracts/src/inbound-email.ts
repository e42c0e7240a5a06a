import { z } from 'zod';

export const INBOUND_EMAIL_RECEIVED = 'inbound-email.received';

/** The whole payload as JSON stays below this many bytes, so that a NATS message stays far below its 1 MB. */
export const MAX_INBOUND_EMAIL_BYTES = 128 * 1024;

export const emailAddress = z.object({
  /** As the sender wrote it; the domain in its ASCII form. */
  email: z.string(),
  /** The display name, decoded. */
  name: z.string().optional(),
});
export type EmailAddress = z.infer<typeof emailAddress>;

/** Content that is stored beside the message and fetched when somebody wants it. */
export const storedObject = z.object({
  objectKey: z.string(),
  /** Bytes. */
  size: z.int().nonnegative(),
  /** Lower-case hex, over the stored bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Path below the API's base URL; reading it needs the tenant's token. */
  path: z.string().startsWith('/'),
});
export type StoredObject = z.infer<typeof storedObject>;

export const inboundAttachment = z.object({
  /** Stable across fetches of the same message. */
  id: z.string(),
  /** A plain file name, never a path, never empty. */
  name: z.string(),
  contentType: z.string(),
  /** Bytes after decoding. */
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Without angle brackets; what `cid:` in the HTML names. */
  contentId: z.string().optional(),
  /** The HTML shows it, so it need not be listed. */
  isInline: z.boolean(),
  /** IMAP part number within the raw message; `2.1` is the first part of the message nested in part 2. */
  partPath: z.string(),
  /** Where the decoded bytes are served. */
  path: z.string().startsWith('/'),
});

/** What was cut to keep the message small. The raw message always holds all of it. */
export const cutField = z.enum([
  /** Ends early. */
  'subject',
  /** Some are left out, or a value ends early. Those that tell automatic mail from human mail are kept first. */
  'headers',
  /** Only the first of each of to, cc, bcc and replyTo. */
  'recipients',
  /** Only the first and the latest. */
  'references',
  /** Only the first. */
  'attachments',
  /** `messageId` or `inReplyTo` was too long to be an id and is left out. */
  'ids',
]);
export type CutField = z.infer<typeof cutField>;

/** A message arrived in a connected mailbox. Delivered at least once; `deliveryId` is the same each time. */
export const inboundEmailReceived = z.object({
  type: z.literal(INBOUND_EMAIL_RECEIVED),
  version: z.literal(1),
  /** One per tenant, provider and Gmail message: drop what carries one that was already handled. */
  deliveryId: z.string(),
  tenantId: z.string(),
  providerId: z.string(),
  provider: z.literal('google'),
  /** The connected mailbox's address. */
  mailbox: z.string(),
  /**
   * `rfc822:<local part>@<lower-case domain>` of the Message-ID, or `gmail:<gmailId>` where it is missing or broken.
   * Chosen by the sender, so not proof of sameness.
   */
  id: z.string(),
  gmailId: z.string(),
  threadId: z.string(),
  /** Gmail's label ids at the time of reading. */
  labelIds: z.array(z.string()),
  /** When Gmail received it, ISO 8601 in UTC. Never the Date header. */
  receivedAt: z.iso.datetime(),
  /**
   * Who wrote it. `unknown-sender@unknown.invalid` if no header says so. For mail that a Google Group of the mailbox's
   * own domain re-addressed, the person who wrote to the group.
   */
  from: emailAddress,
  /** Which header `from` comes from. */
  senderSource: z.enum(['from', 'sender', 'return-path', 'group-original', 'none']),
  /** The group whose address stood in From, if `senderSource` is `group-original`. */
  viaGroup: emailAddress.optional(),
  replyTo: z.array(emailAddress),
  to: z.array(emailAddress),
  cc: z.array(emailAddress),
  bcc: z.array(emailAddress),
  subject: z.string(),
  body: z.object({
    /** The plain text; if `textObject` is there, only its beginning. */
    text: z.string(),
    /** The whole text, where it is too long to travel along. UTF-8. */
    textObject: storedObject.optional(),
    /** The sender had no plain text; it was made from the HTML. */
    textDerived: z.boolean(),
    /** As sent and not sanitised: sanitise before showing. Absent if there is none or it is in `htmlObject`. */
    html: z.string().optional(),
    /** The HTML, where it is too long to travel along. UTF-8, not sanitised. */
    htmlObject: storedObject.optional(),
  }),
  attachments: z.array(inboundAttachment),
  /** The Message-ID header as sent. */
  messageId: z.string().optional(),
  /** With angle brackets. */
  inReplyTo: z.string().optional(),
  /** Message ids with angle brackets, oldest first. */
  references: z.array(z.string()),
  /** Lower-case name to values in their order. Encoded words stay encoded. */
  headers: z.record(z.string(), z.array(z.string())),
  /** The message exactly as Gmail holds it. */
  rawMime: storedObject,
  /** Bytes of the raw message. */
  sizeBytes: z.int().nonnegative(),
  /** What of this payload was cut. Empty for nearly every message. */
  cut: z.array(cutField),
  /** What could not be read as it was meant, in plain sentences. */
  warnings: z.array(z.string()),
});
export type InboundEmailReceived = z.infer<typeof inboundEmailReceived>;
