import fc from 'fast-check';
import { categoryOf, parseStreamName, streamName } from './stream-name.js';

describe('a stream name', () => {
  it('is a category, a tenant, and where there are several an id', () => {
    expect(streamName('googleApp', 't1')).toBe('googleApp-t1');
    expect(streamName('mailbox', 't1', 'p7')).toBe('mailbox-t1+p7');
    expect(categoryOf('mailbox-t1+p7')).toBe('mailbox');
    expect(parseStreamName('mailbox-550e8400-e29b-41d4-a716-446655440000+a-b+c')).toEqual({
      category: 'mailbox',
      tenantId: '550e8400-e29b-41d4-a716-446655440000',
      id: 'a-b+c',
    });
  });

  it.each([
    '',
    'mailbox',
    'mailbox-',
    '-t1',
    'Mailbox-t1',
    'mail_box-t1',
    'mailbox-t1+',
    'mailbox-t 1',
    'mailbox-+p7',
  ])('is not %j', (name) => {
    expect(() => parseStreamName(name)).toThrow(RangeError);
  });

  it('never lets one tenant take the name of another', () => {
    expect(() => streamName('mailbox', 't1+p7')).toThrow(RangeError);
    expect(() => streamName('mailbox-t2', 't1')).toThrow(RangeError);
    const part = fc.string({ minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(part, part, fc.option(part, { nil: undefined }), (category, tenantId, id) => {
        let name: string;
        try {
          name = streamName(category, tenantId, id);
        } catch {
          return;
        }
        expect(parseStreamName(name)).toEqual(
          id === undefined ? { category, tenantId } : { category, tenantId, id },
        );
      }),
    );
  });
});
