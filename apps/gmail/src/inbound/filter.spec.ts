import type { MailboxFilter } from '#contracts/gmail';
import { isWanted } from './filter.js';

describe('a message', () => {
  it.each<[string[], MailboxFilter['include'], string[] | null, boolean]>([
    [['INBOX', 'UNREAD'], [], null, true],
    [[], [], null, true],
    [['DRAFT'], [], null, false],
    [['DRAFT'], ['drafts'], null, true],
    [['SENT'], [], null, false],
    [['SENT'], ['sent'], null, true],
    [['SENT', 'INBOX'], [], null, true],
    [['SPAM'], ['trash'], null, false],
    [['SPAM'], ['spam'], null, true],
    [['TRASH', 'SENT'], ['sent'], null, false],
    [['TRASH', 'SENT'], ['sent', 'trash'], null, true],
    [['CHAT'], ['sent', 'drafts', 'spam', 'trash'], null, false],
    [['INBOX', 'Label_2'], [], ['Label_1', 'Label_2'], true],
    [['INBOX'], [], ['Label_1'], false],
    [['SPAM', 'Label_1'], [], ['Label_1'], false],
    [['INBOX'], [], [], false],
  ])('with %j, included %j, needing %j: wanted is %p', (labelIds, include, needed, wanted) => {
    expect(isWanted(labelIds, { labelIds: needed, include })).toBe(wanted);
  });
});
