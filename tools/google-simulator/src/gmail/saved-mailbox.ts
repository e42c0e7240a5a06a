import { z } from 'zod';
import { instant, wholeNumber } from '../state/forms.js';
import type { HistoryRecord } from './mailbox.js';
import type { Watch } from './watches.js';

const ids = z.array(z.string());

const savedRecord = z.object({
  id: wholeNumber,
  at: instant,
  type: z.enum(['messageAdded', 'messageDeleted', 'labelAdded', 'labelRemoved']),
  messageId: z.string(),
  threadId: z.string(),
  labelIds: ids.readonly(),
  changedLabelIds: ids.readonly(),
}) satisfies z.ZodType<HistoryRecord>;

const savedWatch = z.object({
  topicName: z.string(),
  labelIds: ids.readonly(),
  behavior: z.enum(['include', 'exclude']),
  projectId: z.string(),
  expiration: instant,
}) satisfies z.ZodType<Watch>;

/** A mailbox without the bytes of its messages. */
export const savedMailbox = z.object({
  address: z.string(),
  userLabels: z.array(z.object({ id: z.string(), name: z.string() })),
  messages: z.array(
    z.object({
      id: z.string(),
      threadId: z.string(),
      arrival: z.number(),
      /** Bytes. */
      size: z.number(),
      internalDate: instant,
      labelIds: ids,
      historyId: wholeNumber,
    }),
  ),
  arrivals: z.array(
    z.object({
      id: z.string(),
      threadId: z.string(),
      rfc822MessageId: z.string().optional(),
      labelIds: ids.readonly(),
      at: instant,
    }),
  ),
  history: z.array(savedRecord),
  lastHistoryId: wholeNumber,
  oldestUsableHistoryId: wholeNumber,
  sequence: z.number(),
});
export type SavedMailbox = z.output<typeof savedMailbox>;

/** All mailboxes, each with the `sub` of its account. */
export const savedMailboxes = z.array(
  z.object({ sub: z.string(), mailbox: savedMailbox, watches: z.array(savedWatch) }),
);
