import { candidatesOf, sift, type Mark } from './candidates.js';
import type { HistoryRecord } from '../gmail-api/gmail-result.js';
import type { ResolvedFilter } from './filter.js';

const whole: ResolvedFilter = { labelIds: null, include: [] };
const tickets: ResolvedFilter = { labelIds: ['Label_1', 'Label_2'], include: [] };

const arrived = (id: string, message: string, labelIds = ['INBOX', 'UNREAD']): HistoryRecord => ({
  id,
  messagesAdded: [{ id: message, labelIds }],
  labelsAdded: [],
});
const labelled = (id: string, message: string, labelIds: string[]): HistoryRecord => ({
  id,
  messagesAdded: [],
  labelsAdded: [{ message: { id: message, labelIds }, labelIds }],
});
const leftOutAt = (historyId: string): Mark => ({ outcome: 'left-out', historyId });

function sifted(records: HistoryRecord[], filter = whole, marks: Record<string, Mark> = {}) {
  const { read, leaveOut } = sift(candidatesOf(records), new Map(Object.entries(marks)), filter);
  const ids = (found: { gmailId: string }[]) => found.map(({ gmailId }) => gmailId);
  return { read: ids(read), leaveOut: ids(leaveOut) };
}

describe('of the messages that a history speaks of', () => {
  it('each is read once, in the order in which they came', () => {
    const records = [arrived('9', 'b'), arrived('10', 'a'), labelled('11', 'b', ['STARRED'])];
    expect(sifted(records)).toEqual({ read: ['b', 'a'], leaveOut: [] });
  });

  it('those of no wanted kind or label are left out, and those without known labels are read', () => {
    const records = [
      arrived('1', 'sent', ['SENT']),
      arrived('2', 'unknown', []),
      arrived('3', 'mail'),
      arrived('4', 'ticket', ['INBOX', 'Label_2']),
    ];
    expect(sifted(records)).toEqual({ read: ['unknown', 'mail', 'ticket'], leaveOut: ['sent'] });
    expect(sifted(records, tickets)).toEqual({ read: ['unknown', 'ticket'], leaveOut: ['sent', 'mail'] });
  });

  it('those that were delivered or are gone are passed over, whatever happens to them', () => {
    const marks: Record<string, Mark> = {
      done: { outcome: 'delivered', historyId: '1' },
      gone: { outcome: 'gone', historyId: '0' },
    };
    const records = [arrived('5', 'done'), arrived('6', 'gone'), labelled('7', 'done', ['Label_1'])];
    expect(sifted(records, tickets, marks)).toEqual({ read: [], leaveOut: [] });
  });

  it('those that were left out are looked at again only for a later change, numbers compared as numbers', () => {
    const rescued = labelled('1000', 'spam', ['INBOX']);
    expect(sifted([rescued], whole, { spam: leftOutAt('999') }).read).toEqual(['spam']);
    expect(sifted([rescued], whole, { spam: leftOutAt('1000') }).read).toEqual([]);
  });

  it('an old message that comes back to the inbox is not news, and one that gets a wanted label is', () => {
    expect(sifted([labelled('5', 'old', ['INBOX'])])).toEqual({ read: [], leaveOut: [] });
    expect(sifted([labelled('5', 'old', ['INBOX'])], tickets).read).toEqual([]);
    expect(sifted([labelled('5', 'old', ['Label_1'])], tickets).read).toEqual(['old']);
  });

  it('one that came as spam and was rescued in the same history is read', () => {
    const records = [arrived('5', 'spam', ['SPAM']), labelled('6', 'spam', ['INBOX'])];
    expect(sifted(records).read).toEqual(['spam']);
  });
});
