import { event, Subscriber } from '#event-sourcing/event-store.contract';
import { EventStoreDbEventStore } from '#event-sourcing/eventstoredb/eventstoredb-event-store';
import { selfSigned, type Certificate } from './fixtures/self-signed.js';
import { StandIn, type StandInOptions } from './stand-in.js';
import type { Trouble } from './troubles.js';

const stream = 'mailbox-t1+p1';
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

async function node(options?: StandInOptions): Promise<StandIn> {
  const started = await StandIn.start(options);
  opened.push({ close: () => started.stop() });
  return started;
}

async function storeAt(url: string, patienceMs = 300): Promise<EventStoreDbEventStore> {
  const store = await EventStoreDbEventStore.open({ url, patienceMs, warn: () => {} });
  opened.push(store);
  return store;
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: Error) => error.message,
  );

describe('what EventStoreDB refuses', () => {
  it.each<[Trouble, string]>([
    [
      { kind: 'read-only' },
      'takes no writes: it is a read-only replica, or the cluster has elected no leader',
    ],
    [{ kind: 'not-ready' }, 'is not ready yet'],
    [{ kind: 'too-busy' }, 'is too busy'],
    [{ kind: 'full' }, 'is full: free some space'],
    [{ kind: 'access-denied' }, 'refuses the user: check name and password in EVENTSTOREDB_URL'],
  ])('is told in words: %j', async (trouble, words) => {
    const server = await node();
    const store = await storeAt(server.url);
    server.suffer(trouble);
    const failure = await failureOf(store.append(stream, [event('Opened', stream)], 'no-stream'));
    expect(failure).toContain(words);
    expect(failure).toContain(`127.0.0.1:${server.address.port}`);
  });

  it('is tried again while it may pass, and written once', async () => {
    const server = await node();
    const store = await storeAt(server.url, 10_000);
    server.suffer({ kind: 'too-busy' });
    const appending = store.append(stream, [event('Opened', stream)], 'no-stream');
    server.suffer(null);
    expect(await appending).toEqual({ ok: true, revision: 0 });
  });

  it('is written once when the answer was lost', async () => {
    const server = await node();
    const store = await storeAt(server.url, 10_000);
    await store.append(stream, [event('Opened', stream)], 'no-stream');
    server.suffer({ kind: 'answers-lost', times: 2 });
    const two = [event('Named', stream), event('Closed', stream)];
    expect(await store.append(stream, two, 0)).toEqual({ ok: true, revision: 2 });
    expect((await store.readStream(stream)).map(({ type }) => type)).toEqual(['Opened', 'Named', 'Closed']);
  });

  it('is a write for the leader, who is then asked', async () => {
    const [follower, leader] = [await node(), await node()];
    const store = await storeAt(follower.url, 10_000);
    follower.suffer({ kind: 'not-leader', leader: leader.address });
    expect(await store.append(stream, [event('Opened', stream)], 'no-stream')).toEqual({
      ok: true,
      revision: 0,
    });
    expect(follower.log.stream(stream)).toHaveLength(0);
    expect(leader.log.stream(stream)).toHaveLength(1);
  });

  it('is too much in one append', async () => {
    const store = await storeAt((await node()).url);
    const large = event('Large', stream, { text: 'x'.repeat(1_100_000) });
    expect(await failureOf(store.append(stream, [large], 'any'))).toContain('larger than EventStoreDB');
  });
});

describe('opening', () => {
  it('refuses a server that is too old', async () => {
    const server = await node({ version: '22.10.5' });
    expect(await failureOf(storeAt(server.url))).toContain('is version 22.10.5; 23.10 or later is needed');
  });

  it('says that nobody answers, without the password', async () => {
    const { port } = (await node()).address;
    await opened.pop()!.close();
    const failure = await failureOf(storeAt(`esdb://admin:canary@127.0.0.1:${port}?tls=false`));
    expect(failure).toContain(`EventStoreDB at 127.0.0.1:${port} cannot be reached`);
    expect(failure).not.toContain('canary');
  });
});

describe('a subscription', () => {
  it('goes on over a node that suffers, without an event twice', async () => {
    const server = await node();
    const store = await storeAt(server.url, 10_000);
    const subscriber = new Subscriber(store, { after: null, categories: ['mailbox'] });
    for (let revision = -1; revision < 4; revision++) {
      await store.append(stream, [event(`E${revision}`, stream)], revision < 0 ? 'no-stream' : revision);
      await subscriber.hasSeen(revision + 2);
      await server.restart();
    }
    await subscriber.stop();
    expect(subscriber.seen.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
  });

  it('passes over what others keep in the same store', async () => {
    const server = await node();
    const store = await storeAt(server.url);
    const foreign = { id: crypto.randomUUID(), type: 'Foreign', contentType: 'application/json' };
    server.log.write(
      'Somebody Else’s',
      [{ ...foreign, data: new Uint8Array(), metadata: new Uint8Array() }],
      'any',
    );
    await store.append(stream, [event('Opened', stream)], 'no-stream');
    const everything = await store.readAll({ after: null, limit: 100 });
    expect(everything.map(({ type }) => type)).toEqual(['Opened']);
  });

  it('refuses to go on from a position of another store', async () => {
    const store = await storeAt((await node()).url);
    await expect(store.readAll({ after: '12/7', limit: 1 })).rejects.toThrow(
      'not a position of this event store',
    );
  });
});

describe('over TLS', () => {
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await selfSigned();
  });
  afterAll(() => certificate.remove());

  const secured = (): Promise<StandIn> =>
    node({ host: 'localhost', tls: { ...certificate, username: 'tenant', password: 'right one' } });
  const urlWith = (server: StandIn, password: string): string =>
    `kurrentdb://tenant:${encodeURIComponent(password)}@localhost:${server.address.port}?tls=true&tlsCAFile=${encodeURIComponent(certificate.file)}`;

  it('is spoken with the credentials of the connection string', async () => {
    const store = await storeAt(urlWith(await secured(), 'right one'), 10_000);
    expect(await store.append(stream, [event('Opened', stream)], 'no-stream')).toEqual({
      ok: true,
      revision: 0,
    });
    expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('refuses a wrong password', async () => {
    const store = await storeAt(urlWith(await secured(), 'wrong one'), 10_000);
    expect(await failureOf(store.append(stream, [event('Opened', stream)], 'no-stream'))).toContain(
      'refuses the user',
    );
  });
});
