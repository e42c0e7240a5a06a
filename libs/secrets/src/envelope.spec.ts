import fc from 'fast-check';
import { newKey, seal, unseal, type Place } from './envelope.js';

const place: Place = ['secret', 't1', 'google_client_secret'];

describe('an envelope', () => {
  it('opens where it belongs', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const key = newKey();
        expect(unseal(key, place, seal(key, place, Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each<[string, Place]>([
    ['another tenant', ['secret', 't2', 'google_client_secret']],
    ['another name', ['secret', 't1', 'google_client_id']],
    ['the data keys', ['data key', 't1', 'google_client_secret']],
    ['a place whose parts join to the same text', ['secret', 't1","google', '_client_secret']],
  ])('stays shut in %s', (_where, elsewhere) => {
    const key = newKey();
    expect(unseal(key, elsewhere, seal(key, place, Buffer.from('v')))).toBeUndefined();
  });

  it('stays shut for another key', () => {
    expect(unseal(newKey(), place, seal(newKey(), place, Buffer.from('v')))).toBeUndefined();
  });

  it('stays shut when any of its bytes was altered or its end is missing', () => {
    const key = newKey();
    const sealed = seal(key, place, Buffer.from('value'));
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(unseal(key, place, altered)).toBeUndefined();
      expect(unseal(key, place, sealed.subarray(0, at))).toBeUndefined();
    }
  });

  it('looks different each time the same value is sealed', () => {
    const key = newKey();
    const sealed = Array.from({ length: 50 }, () => seal(key, place, Buffer.from('v')).toString('hex'));
    expect(new Set(sealed).size).toBe(50);
    expect(new Set(sealed.map((hex) => hex.slice(2, 26))).size).toBe(50);
  });
});
