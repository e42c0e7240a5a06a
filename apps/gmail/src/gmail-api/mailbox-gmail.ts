import type { gmail_v1 } from '@googleapis/gmail';
import type { Origin } from '#messaging/envelope';
import { callerFor, type GmailAccess, type GmailMeans, timeoutOfMessages } from './gmail-calls.js';
import type { GmailLabel, GmailResult, HistoryPage, MessageRef, RawMessage } from './gmail-result.js';

/**
 * One mailbox of Gmail, read as its own connected account. Nothing is retried here but a token that was refused once; a
 * failure is a value with its problem, and `retryAfterMs` when Google says how long to wait.
 */
export interface MailboxGmail {
  profile(): Promise<GmailResult<{ address: string; historyId: string }>>;
  labels(): Promise<GmailResult<GmailLabel[]>>;
  /** Starts or renews. `historyId` is the mailbox's position at this moment. */
  watch(request: { topic: string; labelIds: string[] }): Promise<GmailResult<Watching>>;
  stop(): Promise<GmailResult<void>>;
  /** Refused with `gmail.not-found` when the start is older than Gmail remembers. */
  history(request: {
    startHistoryId: string;
    historyTypes: ('messageAdded' | 'labelAdded')[];
    pageToken?: string | undefined;
    /** At most, and unless given, 500. */
    maxResults?: number;
  }): Promise<GmailResult<HistoryPage>>;
  /** Newest first. `query` in Gmail's search language, for example `after:1767225600`. */
  list(request: {
    query?: string;
    pageToken?: string | undefined;
    includeSpamTrash?: boolean;
    /** At most, and unless given, 500. */
    maxResults?: number;
  }): Promise<GmailResult<{ ids: string[]; nextPageToken: string | null }>>;
  /** Refused with `gmail.not-found` when the message is gone. */
  rawMessage(id: string): Promise<GmailResult<RawMessage>>;
}

export interface Watching {
  historyId: string;
  expiresAt: Date;
}

/** Gmail for one provider; meant for one piece of work, since it keeps the access token that it was given. */
export function gmailFor(
  means: GmailMeans,
  mailbox: GmailAccess,
  origin: Origin,
  options: { signal?: AbortSignal } = {},
): MailboxGmail {
  const call = callerFor(means, mailbox, origin, options);
  const userId = 'me';
  return {
    profile: () =>
      call(
        (gmail, how) => gmail.users.getProfile({ userId }, how),
        ({ emailAddress, historyId }) => ({ address: emailAddress ?? '', historyId: historyId ?? '0' }),
      ),
    labels: () =>
      call(
        (gmail, how) => gmail.users.labels.list({ userId }, how),
        ({ labels }) => (labels ?? []).map(labelOf),
      ),
    watch: ({ topic, labelIds }) =>
      call(
        (gmail, how) => {
          const filter = labelIds.length > 0 ? { labelIds, labelFilterBehavior: 'include' } : {};
          return gmail.users.watch({ userId, requestBody: { topicName: topic, ...filter } }, how);
        },
        ({ historyId, expiration }) => ({
          historyId: String(historyId),
          expiresAt: new Date(Number(expiration)),
        }),
      ),
    stop: () =>
      call(
        (gmail, how) => gmail.users.stop({ userId }, how),
        () => undefined,
      ),
    history: ({ startHistoryId, historyTypes, pageToken, maxResults = 500 }) =>
      call(
        (gmail, how) =>
          gmail.users.history.list(
            { userId, startHistoryId, historyTypes, maxResults, ...(pageToken && { pageToken }) },
            how,
          ),
        (page) => pageOf(page, startHistoryId),
      ),
    list: ({ query, pageToken, includeSpamTrash = false, maxResults = 500 }) =>
      call(
        (gmail, how) =>
          gmail.users.messages.list(
            {
              userId,
              maxResults,
              includeSpamTrash,
              ...(query && { q: query }),
              ...(pageToken && { pageToken }),
            },
            how,
          ),
        ({ messages, nextPageToken }) => ({
          ids: (messages ?? []).flatMap(({ id }) => id ?? []),
          nextPageToken: nextPageToken ?? null,
        }),
      ),
    rawMessage: (id) =>
      call(
        (gmail, how) =>
          gmail.users.messages.get({ userId, id, format: 'raw' }, { ...how, timeout: timeoutOfMessages }),
        rawOf,
      ),
  };
}

const labelOf = ({ id, name, type }: gmail_v1.Schema$Label): GmailLabel => ({
  id: id ?? '',
  name: name ?? '',
  type: type === 'system' ? 'system' : 'user',
});

const refOf = (message: gmail_v1.Schema$Message | undefined): MessageRef[] =>
  message?.id ? [{ id: message.id, labelIds: message.labelIds ?? [] }] : [];

function pageOf(page: gmail_v1.Schema$ListHistoryResponse, startHistoryId: string): HistoryPage {
  return {
    records: (page.history ?? []).map(({ id, messagesAdded, labelsAdded }) => ({
      id: String(id),
      messagesAdded: (messagesAdded ?? []).flatMap(({ message }) => refOf(message)),
      labelsAdded: (labelsAdded ?? []).flatMap(({ message, labelIds }) =>
        refOf(message).map((ref) => ({ message: ref, labelIds: labelIds ?? [] })),
      ),
    })),
    nextPageToken: page.nextPageToken ?? null,
    historyId: String(page.historyId ?? startHistoryId),
  };
}

const rawOf = (message: gmail_v1.Schema$Message): RawMessage => ({
  id: message.id ?? '',
  threadId: message.threadId ?? '',
  labelIds: message.labelIds ?? [],
  internalDate: Number(message.internalDate),
  historyId: String(message.historyId),
  raw: Buffer.from(message.raw ?? '', 'base64url'),
});
