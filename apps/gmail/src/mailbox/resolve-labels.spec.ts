import type { GmailLabel } from '../gmail-api/gmail-result.js';
import { resolveLabels } from './resolve-labels.js';

const existing: GmailLabel[] = [
  { id: 'INBOX', name: 'INBOX', type: 'system' },
  { id: 'CATEGORY_UPDATES', name: 'CATEGORY_UPDATES', type: 'system' },
  { id: 'Label_1', name: 'Clients/Acme', type: 'user' },
  { id: 'Label_2', name: 'Inbox', type: 'user' },
];

describe('the labels of a filter', () => {
  it('are found by the names that people see', () => {
    expect(resolveLabels(['Clients/Acme', 'INBOX'], existing)).toEqual({
      ok: true,
      labelIds: ['Label_1', 'INBOX'],
    });
  });

  it('may be Gmail’s own in any case', () => {
    expect(resolveLabels(['category_updates', 'inbox'], existing)).toEqual({
      ok: true,
      labelIds: ['CATEGORY_UPDATES', 'INBOX'],
    });
  });

  it('are the people’s own before Gmail’s when written exactly so', () => {
    expect(resolveLabels(['Inbox'], existing)).toEqual({ ok: true, labelIds: ['Label_2'] });
  });

  it('are none at all when one is unknown', () => {
    expect(resolveLabels(['INBOX', 'clients/acme', 'Nowhere'], existing)).toEqual({
      ok: false,
      unknown: ['clients/acme', 'Nowhere'],
    });
  });

  it('count once when two names mean the same', () => {
    expect(resolveLabels(['INBOX', 'inbox'], existing)).toEqual({ ok: true, labelIds: ['INBOX'] });
  });
});
