import { z } from 'zod';
import { notifiedAddress } from '#deliveries/notifications';

/** What a push says, before anything of it is believed. */
export interface PushEnvelope {
  /** `projects/P/subscriptions/S` */
  subscription: string;
  pubsubMessageId: string;
  /** Null: the data holds no mailbox notification. */
  notification: { emailAddress: string; historyId: string } | null;
}

// Only for people who look into it: one that is none is left out.
const messageId = z
  .string()
  .regex(/^[\w-]{1,100}$/)
  .optional()
  .catch(undefined);

const envelope = z.object({
  subscription: z
    .string()
    .max(400)
    .regex(/^projects\/[^/\s\p{C}]+\/subscriptions\/[^/\s\p{C}]+$/u),
  message: z
    .object({
      data: z.string().optional(),
      messageId,
      message_id: messageId,
    })
    .optional(),
});

const notification = z.object({
  emailAddress: notifiedAddress,
  // Documented as a string, sent as a number at times.
  historyId: z.union([
    z.string().regex(/^\d{1,20}$/),
    z
      .number()
      .int()
      .nonnegative()
      .max(Number.MAX_SAFE_INTEGER)
      .transform((id) => String(id)),
  ]),
});

/** Null: not a push at all, so that not even the tenant can be told. */
export function readPush(body: unknown): PushEnvelope | null {
  const parsed = envelope.safeParse(jsonOf(body));
  if (!parsed.success) return null;
  const { subscription, message } = parsed.data;
  const data = message?.data === undefined ? undefined : jsonOf(decoded(message.data));
  const read = notification.safeParse(data);
  return {
    subscription,
    pubsubMessageId: message?.messageId ?? message?.message_id ?? '',
    notification: read.success ? read.data : null,
  };
}

// Node reads base64 and base64url alike, with or without padding.
const decoded = (data: string): string => Buffer.from(data, 'base64').toString('utf8');

/** Too long for a double, so that it would be rounded on the way: taken as text. */
const longHistoryId = /("historyId"\s*:\s*)(\d{16,20})(?=\s*[,}])/;

function jsonOf(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : body;
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text.replace(longHistoryId, '$1"$2"'));
  } catch {
    return undefined;
  }
}
