import { newKey } from './envelope.js';
import { KeyRing } from './key-ring.js';
import { everythingShownBy } from './secrets.contract.js';
import { SecretsError } from './secrets-error.js';

const material = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const ringOf = (text: string): KeyRing => {
  const ring = KeyRing.parse(text);
  if (!(ring instanceof KeyRing)) throw new Error(ring.code);
  return ring;
};

describe('a key ring', () => {
  it('has the first key as its current one and allows spaces between entries', () => {
    expect(ringOf(` k2:${material(2)}, k1:${material(1)} `).currentId).toBe('k2');
  });

  it.each([
    ['nothing', '', { code: 'key-ring.empty' }],
    ['only spaces', '  ', { code: 'key-ring.empty' }],
    ['a key without an id', material(1), { code: 'key-ring.malformed-entry', position: 1 }],
    [
      'id and key the wrong way round',
      `${material(1)}:k1`,
      { code: 'key-ring.malformed-entry', position: 1 },
    ],
    ['a comma too many', `k1:${material(1)},`, { code: 'key-ring.malformed-entry', position: 2 }],
    [
      'a key that is too short',
      'k1:c2hvcnQ=',
      { code: 'key-ring.not-a-256-bit-key', position: 1, keyId: 'k1' },
    ],
    [
      'a key with a stray character',
      `k1:${material(1)},k2:*${material(2)}`,
      { code: 'key-ring.not-a-256-bit-key', position: 2, keyId: 'k2' },
    ],
    [
      'an id that comes twice',
      `k1:${material(1)},k1:${material(2)}`,
      { code: 'key-ring.repeated-id', position: 2, keyId: 'k1' },
    ],
  ])('is refused when it is %s', (_what, text, malformed) => {
    expect(KeyRing.parse(text)).toEqual(malformed);
  });

  it('never quotes key material when it refuses a text', () => {
    const canary = Buffer.from('CANARY-KEY-MATERIAL-OF-32-BYTES!').toString('base64');
    for (const text of [canary, `${canary}:k1`, `k1:${canary}A`, `k1:${canary},k1:${canary}`, `k1=${canary}`])
      expect(everythingShownBy(KeyRing.parse(text))).not.toContain(canary.slice(0, 12));
  });

  it('shows its current id but no key when it is printed', () => {
    const canary = 'CANARY-KEY-MATERIAL-OF-32-BYTES!';
    const shown = everythingShownBy(ringOf(`k1:${Buffer.from(canary).toString('base64')}`));
    expect(shown).toContain('k1');
    expect(shown).not.toContain('CANARY');
    expect(shown).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12));
    expect(shown).not.toContain(Buffer.from(canary).toString('hex').slice(0, 12));
  });

  it('opens with any of its keys what either wrapped', () => {
    const dataKey = newKey();
    const copies = ringOf(`k2:${material(2)},k1:${material(1)}`).wrapWithAll('t1', dataKey);
    for (const text of [`k1:${material(1)}`, `k2:${material(2)}`, `k3:${material(3)},k1:${material(1)}`]) {
      const opened = ringOf(text).unwrap('t1', copies);
      if (opened instanceof SecretsError) throw opened;
      expect(opened.equals(dataKey)).toBe(true);
    }
  });

  it('names the keys that it lacks', () => {
    const copies = ringOf(`k2:${material(2)},k1:${material(1)}`).wrapWithAll('t1', newKey());
    expect(ringOf(`k3:${material(3)}`).unwrap('t1', copies)).toMatchObject({
      failure: { code: 'secrets.wrapping-key-missing', keyIds: ['k1', 'k2'] },
    });
  });

  it('opens neither the data key of another tenant nor one wrapped by other material under its id', () => {
    const ring = ringOf(`k1:${material(1)}`);
    const copies = ring.wrapWithAll('t1', newKey());
    const unreadable = { failure: { code: 'secrets.unreadable' } };
    expect(ring.unwrap('t2', copies)).toMatchObject(unreadable);
    expect(ringOf(`k1:${material(9)}`).unwrap('t1', copies)).toMatchObject(unreadable);
  });
});
