import { generateKeyPairSync } from 'node:crypto';
import { event } from '../event-store.contract.js';
import type { RecordedEvent } from '../event-store.js';
import { InMemoryEventStore } from '../in-memory-event-store.js';
import { ChainCheck, type Head } from './chain-check.js';
import { ChainedEventStore } from './chained-event-store.js';
import { HeadsComparison, type Departure } from './compare-heads.js';
import { readSignedHeads, signHeads } from './signed-heads.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stream = 'grant-t1+p1';
const at = new Date('2026-03-01T08:00:00.000Z');

async function history(...types: string[]): Promise<RecordedEvent[]> {
  const kept = new InMemoryEventStore();
  const store = new ChainedEventStore(kept);
  const events = types.map((type) => event(type, stream));
  await store.append(stream, events, 'no-stream');
  return kept.readStream(stream);
}

function headsOf(events: RecordedEvent[], onHead?: (head: Head) => void): Head[] {
  const checking = new ChainCheck(onHead);
  for (const each of events) checking.add(each);
  return checking.heads();
}

async function departures(signed: RecordedEvent[], now: RecordedEvent[]): Promise<Departure[]> {
  const text = await signHeads(headsOf(signed), at, privateKey);
  const comparison = new HeadsComparison(await readSignedHeads(text, publicKey));
  headsOf(now, (head) => comparison.see(head));
  return comparison.departures();
}

it('is read again as it was signed', async () => {
  const heads = headsOf(await history('A', 'B'));
  const text = await signHeads([...heads, { ...heads[0]!, stream: 'grant-t1+a' }], at, privateKey);
  const read = await readSignedHeads(text, publicKey);
  expect(read.at).toBe('2026-03-01T08:00:00.000Z');
  expect(read.heads.map((head) => head.stream)).toEqual(['grant-t1+a', stream]);
});

it('may be empty', async () => {
  expect((await readSignedHeads(await signHeads([], at, privateKey), publicKey)).heads).toEqual([]);
});

it('is refused when it was changed, or signed by somebody else', async () => {
  const text = await signHeads(headsOf(await history('A')), at, privateKey);
  const changed = text.replace('"revision":0', '"revision":7');
  await expect(readSignedHeads(changed, publicKey)).rejects.toThrow('changed after it was signed');
  const stranger = generateKeyPairSync('ed25519').publicKey;
  await expect(readSignedHeads(text, stranger)).rejects.toThrow('not signed with this key');
  await expect(readSignedHeads(`x${text}`, publicKey)).rejects.toThrow('not signed with this key');
});

it('finds nothing where the stream only grew', async () => {
  const grown = await history('A', 'B', 'C');
  expect(await departures(grown.slice(0, 2), grown)).toEqual([]);
});

it('finds a stream that was cut off, though its chain holds', async () => {
  const whole = await history('A', 'B', 'C');
  const cut = whole.slice(0, 1);
  const checking = new ChainCheck();
  for (const each of cut) checking.add(each);
  expect(checking.breaks).toEqual([]);
  expect(await departures(whole, cut)).toEqual([{ stream, revision: 2, what: 'gone' }]);
});

it('finds a stream that was written anew with hashes that fit', async () => {
  expect(await departures(await history('A', 'B'), await history('A', 'X'))).toEqual([
    { stream, revision: 1, what: 'rewritten' },
  ]);
});
