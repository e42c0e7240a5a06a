import { z } from 'zod';
import { event } from '#contracts/contract';
import { eventContract, upcast } from '#contracts/event-versions';
import { eventContracts } from '#contracts/registry';
import { problemCodes } from '#problems/problem';
import { readGolden, withAdded, type Golden, type GoldenEvent } from './golden-events.js';

const golden = readGolden();
const named = ({ category, type, version }: GoldenEvent): [string, GoldenEvent] => [
  `${category} ${type}, version ${version}`,
  { category, type, version } as GoldenEvent,
];

describe('every event that was ever written', () => {
  it('is in the file with the shape that its contract has today (npm run docs)', () => {
    expect(withAdded(golden, eventContracts)).toEqual(golden);
  });

  it.each(golden.events.map(named))('can still be read: %s', (_name, { category, type, version }) => {
    const written = golden.events.find(
      (one) => one.category === category && one.type === type && one.version === version,
    )!;
    const contract = eventContract(category, type);
    if (!contract)
      throw new Error(`Nobody knows ${category} ${type} any more, but it lies in somebody’s store.`);
    const data = upcast(contract, written.sample, version);
    expect(contract.data.safeParse(data).error).toBeUndefined();
    expect(contract.tell(contract.data.parse(data))).not.toMatch(/undefined|\[object/);
    // What a newer version adds is no reason not to read it.
    expect(contract.data.safeParse({ ...data, addedLater: { by: 'a newer version' } }).error).toBeUndefined();
  });

  it('has versions without gaps', () => {
    for (const { category, type, version } of eventContracts) {
      const versions = golden.events.filter((one) => one.category === category && one.type === type);
      expect(versions.map((one) => one.version)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
    }
  });

  it('carries problems that the catalogue still explains', () => {
    expect(golden.problemCodes.filter((code) => !(problemCodes as string[]).includes(code))).toEqual([]);
  });
});

describe('a contract whose shape changes', () => {
  const none: Golden = { events: [], problemCodes: [...problemCodes] };
  const first = event('gmail', 'thing', 'Named', z.object({ name: z.string() }), ({ name }) => name);
  const shape = z.object({ names: z.array(z.string()) });
  const before = withAdded(none, [first]);

  it('is refused under the same version', () => {
    const changed = event('gmail', 'thing', 'Named', shape, ({ names }) => names.join());
    expect(() => withAdded(before, [changed])).toThrow('give it version 2 in its contract');
  });

  it('is added under the next, and reads what was written before', () => {
    const next = event('gmail', 'thing', 'Named', shape, ({ names }) => names.join(), {
      version: 2,
      upcasts: { 1: ({ name, ...rest }) => ({ ...rest, names: [name] }) },
    });
    const after = withAdded(before, [next]);
    expect(after.events.map(({ version }) => version)).toEqual([1, 2]);
    expect(upcast(next, before.events[0]!.sample, 1)).toEqual({ names: ['text'] });
  });
});
