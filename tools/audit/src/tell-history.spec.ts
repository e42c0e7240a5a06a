import { randomUUID } from 'node:crypto';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { causeLines, history, historyLines, why } from './tell-history.js';

const collected = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe('the history on the command line', () => {
  const store = new InMemoryEventStore();
  const paused = randomUUID();
  const resumed = randomUUID();

  beforeAll(async () => {
    const append = (stream: string, type: string, id: string, causationId: string, by: string) =>
      store.append(
        stream,
        [
          {
            type,
            data: type === 'Paused' ? { reason: 'manual' } : {},
            metadata: {
              ...{ id, causationId, by, correlationId: 'c1', at: '2026-11-23T12:00:00.000Z' },
              tenantId: stream.includes('-t1') ? 't1' : 't2',
            },
          },
        ],
        'any',
      );
    await append('mailbox-t1+p1', 'Paused', paused, 'r1', 'ada');
    await append('mailbox-t1+p2', 'Resumed', randomUUID(), 'r2', 'bob');
    await append('mailbox-t2+p1', 'Resumed', randomUUID(), 'r3', 'eve');
    await append('mailbox-t1+p1', 'Resumed', resumed, paused, 'gmail.some-follow-up');
  });

  it('says who did what and why, of one provider or of the whole tenant', async () => {
    const of = async (whose: { tenant?: string; provider?: string }) =>
      (await collected(history(store, whose))).map(({ by }) => by);
    expect(await of({ tenant: 't1' })).toEqual(['ada', 'bob', 'gmail.some-follow-up']);
    expect(await of({ tenant: 't1', provider: 'p1' })).toEqual(['ada', 'gmail.some-follow-up']);
    const [first] = await collected(history(store, { tenant: 't1' }));
    expect([...historyLines(first!)]).toContain('    by ada (reason: manual)');
  });

  it('finds the tenant by the provider, unless several have one of that name', async () => {
    expect(await collected(history(store, { provider: 'p2' }))).toHaveLength(1);
    await expect(collected(history(store, { provider: 'p1' }))).rejects.toThrow('give --tenant, too');
    await expect(collected(history(store, { provider: 'p9' }))).rejects.toThrow('never was');
    await expect(collected(history(store, {}))).rejects.toThrow('--tenant T or --provider P');
  });

  it('says why something happened', async () => {
    const lines = [...causeLines(await why(store, { tenant: 't1' }, resumed))];
    expect(lines).toContain('    gmail.some-follow-up acted by itself, because of this:');
    expect(lines.slice(-2)).toEqual(['It began with a request by ada.', '    request r1, correlation c1']);
    await expect(why(store, { tenant: 't2' }, resumed)).rejects.toThrow('Nothing with the id');
  });
});
