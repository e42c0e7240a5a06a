import { randomUUID } from 'node:crypto';
import { MovableClock } from '#time/clock';
import type { Decider } from './decider.js';
import { event } from './event-store.contract.js';
import type { EventStore } from './event-store.js';
import { type CommandOrigin, handleCommand } from './handle-command.js';
import { InMemoryEventStore } from './in-memory-event-store.js';
import { scenariosOf } from './scenarios.js';

interface Door {
  state: 'closed' | 'open' | 'jammed';
  command: { type: 'OpenDoor' | 'CloseDoor' | 'PaintDoor'; key?: string };
  event:
    | { type: 'DoorOpened'; data: { key: string } }
    | { type: 'DoorJammed'; data: { reason: string } }
    | { type: 'DoorClosed'; data: Record<string, never> };
  effect: { turn: string };
  outcome: { ok: true } | { ok: false; reason: string };
}

const door: Decider<Door> = {
  initial: 'closed',
  evolve: (_, { type }) =>
    (({ DoorOpened: 'open', DoorJammed: 'jammed', DoorClosed: 'closed' }) as const)[type],
  plan: (state, { type, key = 'front' }) => {
    if (type !== 'OpenDoor') return 'decide';
    if (state === 'open') return 'done';
    return state === 'jammed'
      ? { code: 'door.jammed', remedy: 'call the locksmith' }
      : { perform: { turn: key } };
  },
  decide: (state, { type, key = 'front' }, { outcome }) => {
    if (type === 'PaintDoor') return { code: 'door.freshly-painted' };
    if (type === 'CloseDoor') return state === 'open' ? [{ type: 'DoorClosed', data: {} }] : [];
    return outcome?.ok
      ? [{ type: 'DoorOpened', data: { key } }]
      : [{ type: 'DoorJammed', data: { reason: outcome?.reason ?? 'no answer' } }];
  },
};

const stream = 'door-t1+d1';
const origin: CommandOrigin = { id: randomUUID(), tenantId: 't1', correlationId: randomUUID(), by: 'ada' };

describe('handling a command', () => {
  it('records what was decided, with its cause, its time and its author', async () => {
    const store = new InMemoryEventStore();
    const clock = new MovableClock();
    clock.advance(86_400_000);
    const perform = async () => ({ ok: true as const });
    const result = await handleCommand(
      { store, clock, decider: door, perform },
      stream,
      { type: 'OpenDoor' },
      origin,
    );
    expect(result).toEqual({
      ok: true,
      revision: 0,
      events: [{ type: 'DoorOpened', data: { key: 'front' } }],
    });
    const [recorded] = await store.readStream(stream);
    expect(recorded?.metadata).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      tenantId: 't1',
      correlationId: origin.correlationId,
      causationId: origin.id,
      at: expect.any(String),
      by: 'ada',
    });
    expect(Math.abs(Date.parse(recorded!.metadata.at) - clock.now().getTime())).toBeLessThan(60_000);
  });

  it('records a failure of the outside part like any other fact', async () => {
    const store = new InMemoryEventStore();
    const perform = async () => ({ ok: false as const, reason: 'rust' });
    const means = { store, clock: new MovableClock(), decider: door, perform };
    const jammed = { type: 'DoorJammed', data: { reason: 'rust' } };
    expect(await handleCommand(means, stream, { type: 'OpenDoor' }, origin)).toMatchObject({
      events: [jammed],
    });
    expect(await handleCommand(means, stream, { type: 'OpenDoor' }, origin)).toEqual({
      ok: false,
      rejection: { code: 'door.jammed', remedy: 'call the locksmith' },
    });
  });

  it('neither asks outside nor appends when everything is so already', async () => {
    const { means, asked } = counted(new InMemoryEventStore());
    await handleCommand(means, stream, { type: 'OpenDoor' }, origin);
    expect(await handleCommand(means, stream, { type: 'OpenDoor' }, origin)).toEqual({
      ok: true,
      events: [],
      revision: 0,
    });
    await handleCommand(means, stream, { type: 'CloseDoor' }, origin);
    expect(await handleCommand(means, stream, { type: 'CloseDoor' }, origin)).toEqual({
      ok: true,
      events: [],
      revision: 1,
    });
    expect(asked).toEqual(['front']);
  });

  it('hands a rejection back as a value and records nothing', async () => {
    const { means } = counted(new InMemoryEventStore());
    expect(await handleCommand(means, stream, { type: 'PaintDoor' }, origin)).toEqual({
      ok: false,
      rejection: { code: 'door.freshly-painted' },
    });
    expect(await means.store.readStream(stream)).toEqual([]);
  });

  it('reads again after a conflict without asking the same outside twice', async () => {
    const store = new InMemoryEventStore();
    const { means, asked } = counted(interrupted(store, 1));
    const result = await handleCommand(means, stream, { type: 'OpenDoor', key: 'spare' }, origin);
    expect(result).toMatchObject({ ok: true, revision: 1 });
    expect((await store.readStream(stream)).map(({ type }) => type)).toEqual(['DoorClosed', 'DoorOpened']);
    expect(asked).toEqual(['spare']);
  });

  it('gives way after three conflicts', async () => {
    const store = new InMemoryEventStore();
    const { means } = counted(interrupted(store, Infinity));
    expect(await handleCommand(means, stream, { type: 'OpenDoor' }, origin)).toEqual({
      ok: false,
      rejection: { code: 'stream.busy', stream },
    });
    expect(await store.readStream(stream)).toHaveLength(3);
  });
});

describe('scenarios of a decider', () => {
  const { given } = scenariosOf(door);

  it('tell events, rejections, states and questions', () => {
    given().when({ type: 'OpenDoor' }).thenAsks({ turn: 'front' });
    given()
      .when({ type: 'OpenDoor' }, { outcome: { ok: true } })
      .then({ type: 'DoorOpened', data: { key: 'front' } });
    given({ type: 'DoorOpened', data: { key: 'front' } })
      .when({ type: 'CloseDoor' })
      .thenState('closed');
    given({ type: 'DoorJammed', data: { reason: 'rust' } })
      .when({ type: 'OpenDoor' })
      .thenRejected('door.jammed');
    given({ type: 'DoorOpened', data: { key: 'front' } })
      .when({ type: 'OpenDoor' })
      .then();
  });

  it('fail when the decider does something else', () => {
    expect(() => given().when({ type: 'CloseDoor' }).then({ type: 'DoorClosed', data: {} })).toThrow();
    expect(() => given().when({ type: 'PaintDoor' }).then()).toThrow('door.freshly-painted');
    expect(() => given().when({ type: 'PaintDoor' }).thenRejected('door.jammed')).toThrow();
    expect(() => given().when({ type: 'CloseDoor' }).thenRejected('door.jammed')).toThrow('Not rejected');
    expect(() => given().when({ type: 'OpenDoor' }).then()).toThrow('say its outcome');
    expect(() => given().when({ type: 'OpenDoor' }).thenAsks({ turn: 'spare' })).toThrow();
    expect(() => given().when({ type: 'CloseDoor' }).thenState('open')).toThrow();
  });
});

function counted(store: EventStore) {
  const asked: string[] = [];
  const perform = async ({ turn }: Door['effect']): Promise<Door['outcome']> => {
    asked.push(turn);
    return { ok: true };
  };
  return { asked, means: { store, clock: new MovableClock(), decider: door, perform } };
}

/** Somebody else's event slips in before each of the first appends. */
function interrupted(store: EventStore, times: number): EventStore {
  let left = times;
  return {
    readStream: (...args) => store.readStream(...args),
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    settled: () => store.settled(),
    close: () => store.close(),
    append: async (name, events, expected) => {
      if (left-- > 0) await store.append(name, [event('DoorClosed', name)], 'any');
      return store.append(name, events, expected);
    },
  };
}
