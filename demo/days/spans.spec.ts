import type { Span } from './observations.js';
import { note } from './spans.js';

interface Seen extends Span {
  name: string;
  code: string;
}
const one = { name: 'one', code: 'gmail.unavailable' };
const two = { name: 'one', code: 'mailbox.not-read' };

describe('what is noted from look to look', () => {
  let spans: Seen[];
  const lookAt = (at: number, present: { name: string; code: string }[]): void =>
    note(spans, ({ name }) => name === 'one', present, at);
  beforeEach(() => (spans = []));

  it('begins with the first look that saw it, and ends with the first that did not', () => {
    lookAt(1, [one]);
    lookAt(2, [one]);
    lookAt(3, []);
    expect(spans).toEqual([{ ...one, from: 1, until: 3 }]);
  });

  it('begins anew when it is back', () => {
    lookAt(1, [one]);
    lookAt(2, []);
    lookAt(3, [one]);
    expect(spans).toEqual([
      { ...one, from: 1, until: 2 },
      { ...one, from: 3, until: null },
    ]);
  });

  it('is each thing for itself', () => {
    lookAt(1, [one]);
    lookAt(2, [one, two]);
    lookAt(3, [two]);
    expect(spans).toEqual([
      { ...one, from: 1, until: 3 },
      { ...two, from: 2, until: null },
    ]);
  });

  it('leaves what is of others alone', () => {
    spans = [{ name: 'other', code: 'gmail.unavailable', from: 1, until: null }];
    lookAt(2, []);
    expect(spans[0]!.until).toBeNull();
  });
});
