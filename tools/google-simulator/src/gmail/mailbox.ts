import { createHash } from 'node:crypto';
import { decodeWords, headerOf, parseMime, type MimePart } from './mime.js';
import { systemLabels, type Label } from './labels.js';
import type { SavedMailbox } from './saved-mailbox.js';

/** A message as the mailbox keeps it. Labels and historyId change; the bytes never do. */
export interface StoredMessage {
  readonly id: string;
  readonly threadId: string;
  /** Rises with every message of the mailbox. */
  readonly arrival: number;
  readonly raw: Buffer;
  readonly parsed: MimePart;
  readonly internalDate: Date;
  readonly rfc822MessageId: string | undefined;
  labelIds: string[];
  historyId: bigint;
}

export type ChangeType = 'messageAdded' | 'messageDeleted' | 'labelAdded' | 'labelRemoved';

export interface HistoryRecord {
  readonly id: bigint;
  readonly at: Date;
  readonly type: ChangeType;
  readonly messageId: string;
  readonly threadId: string;
  /** The message's labels right after the change (for a deletion: right before). */
  readonly labelIds: readonly string[];
  /** Only for labelAdded and labelRemoved. */
  readonly changedLabelIds: readonly string[];
}

/** What was put into the mailbox, deleted or not: lets a test count that each message came out exactly once. */
export interface Arrival {
  readonly id: string;
  readonly threadId: string;
  readonly rfc822MessageId: string | undefined;
  readonly labelIds: readonly string[];
  readonly at: Date;
}

const FIRST_HISTORY_ID = 1_000n;

/** One Gmail mailbox: messages, labels, and the history of changes. Knows nothing of HTTP, watches or quotas. */
export class Mailbox {
  readonly labels: Label[] = [...systemLabels];
  readonly messages = new Map<string, StoredMessage>();
  readonly arrivals: Arrival[] = [];
  private readonly records: HistoryRecord[] = [];
  private lastHistoryId = FIRST_HISTORY_ID;
  private oldestUsableHistoryId = FIRST_HISTORY_ID;
  private sequence = 0;

  constructor(
    public address: string,
    private readonly now: () => Date,
    private readonly onChange: (record: HistoryRecord) => void,
  ) {}

  get historyId(): bigint {
    return this.lastHistoryId;
  }

  deliver(raw: Buffer, labelIds: readonly string[] = ['INBOX', 'UNREAD']): StoredMessage {
    const parsed = parseMime(raw);
    const rfc822MessageId = headerOf(parsed.headers, 'message-id');
    const id = this.nextMessageId();
    const message: StoredMessage = {
      id,
      threadId: this.threadOfReplyTo(parsed) ?? id,
      arrival: this.sequence,
      raw,
      parsed,
      internalDate: this.now(),
      rfc822MessageId,
      labelIds: [...new Set(labelIds)],
      historyId: 0n,
    };
    this.messages.set(id, message);
    this.arrivals.push({
      id,
      threadId: message.threadId,
      rfc822MessageId,
      labelIds: [...message.labelIds],
      at: message.internalDate,
    });
    this.record('messageAdded', message);
    return message;
  }

  addLabels(message: StoredMessage, labelIds: readonly string[]): void {
    const added = labelIds.filter((id) => !message.labelIds.includes(id));
    if (added.length === 0) return;
    message.labelIds = [...message.labelIds, ...added];
    this.record('labelAdded', message, added);
  }

  removeLabels(message: StoredMessage, labelIds: readonly string[]): void {
    const removed = message.labelIds.filter((id) => labelIds.includes(id));
    if (removed.length === 0) return;
    message.labelIds = message.labelIds.filter((id) => !removed.includes(id));
    this.record('labelRemoved', message, removed);
  }

  moveTo(message: StoredMessage, place: 'SPAM' | 'TRASH'): void {
    this.addLabels(message, [place]);
    this.removeLabels(message, ['INBOX']);
  }

  deleteForever(message: StoredMessage): void {
    this.messages.delete(message.id);
    this.record('messageDeleted', message);
  }

  createLabel(name: string): Label {
    const existing = this.labels.find((label) => label.name === name);
    if (existing) return existing;
    const number = this.labels.filter((label) => label.type === 'user').length + 1;
    const label: Label = { id: `Label_${number}`, name, type: 'user' };
    this.labels.push(label);
    return label;
  }

  hasLabel(id: string): boolean {
    return this.labels.some((label) => label.id === id);
  }

  /** From now on every start id before the present one is answered with 404. */
  expireHistory(): void {
    this.oldestUsableHistoryId = this.lastHistoryId;
    this.records.length = 0;
  }

  /** The changes after `start`, oldest first, or undefined when Google no longer (or not yet) knows that id. */
  historyAfter(start: bigint, lifetimeMs: number): readonly HistoryRecord[] | undefined {
    this.forgetHistoryBefore(new Date(this.now().getTime() - lifetimeMs));
    if (start < this.oldestUsableHistoryId || start > this.lastHistoryId) return undefined;
    return this.records.filter((record) => record.id > start);
  }

  snapshot(): SavedMailbox {
    return {
      address: this.address,
      userLabels: this.labels.filter(({ type }) => type === 'user'),
      messages: [...this.messages.values()].map((message) => ({ ...message, size: message.raw.length })),
      arrivals: this.arrivals,
      history: this.records,
      lastHistoryId: this.lastHistoryId,
      oldestUsableHistoryId: this.oldestUsableHistoryId,
      sequence: this.sequence,
    };
  }

  /** `rawOf` gives the bytes of a message. Nobody is notified. */
  restore(saved: SavedMailbox, rawOf: (messageId: string) => Buffer): void {
    for (const label of saved.userLabels) this.labels.push({ ...label, type: 'user' });
    for (const { size: _, ...message } of saved.messages) {
      const raw = rawOf(message.id);
      const parsed = parseMime(raw);
      const rfc822MessageId = headerOf(parsed.headers, 'message-id');
      this.messages.set(message.id, { ...message, raw, parsed, rfc822MessageId });
    }
    for (const { rfc822MessageId, ...arrival } of saved.arrivals) {
      this.arrivals.push({ ...arrival, rfc822MessageId });
    }
    for (const record of saved.history) this.records.push(record);
    this.lastHistoryId = saved.lastHistoryId;
    this.oldestUsableHistoryId = saved.oldestUsableHistoryId;
    this.sequence = saved.sequence;
  }

  private forgetHistoryBefore(instant: Date): void {
    while (this.records[0] && this.records[0].at < instant) {
      this.oldestUsableHistoryId = this.records.shift()!.id;
    }
  }

  private record(type: ChangeType, message: StoredMessage, changedLabelIds: readonly string[] = []): void {
    // Google's ids increase, and skip numbers.
    this.lastHistoryId += 1n + ((this.lastHistoryId * 7n) % 13n);
    message.historyId = this.lastHistoryId;
    const record: HistoryRecord = {
      id: this.lastHistoryId,
      at: this.now(),
      type,
      messageId: message.id,
      threadId: message.threadId,
      labelIds: [...message.labelIds],
      changedLabelIds,
    };
    this.records.push(record);
    this.onChange(record);
  }

  private nextMessageId(): string {
    this.sequence += 1;
    const digest = createHash('sha256').update(`${this.address}/${this.sequence}`).digest('hex');
    return `19${digest.slice(0, 14)}`;
  }

  private threadOfReplyTo(parsed: MimePart): string | undefined {
    const referenced = `${headerOf(parsed.headers, 'in-reply-to') ?? ''} ${headerOf(parsed.headers, 'references') ?? ''}`;
    const ids = new Set(referenced.match(/<[^>]+>/g) ?? []);
    if (ids.size === 0) return undefined;
    for (const message of this.messages.values()) {
      if (message.rfc822MessageId && ids.has(message.rfc822MessageId)) return message.threadId;
    }
    return undefined;
  }
}

export function subjectOf(message: StoredMessage): string {
  return decodeWords(headerOf(message.parsed.headers, 'subject') ?? '');
}
