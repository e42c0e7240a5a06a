import { LockLost, type Exclusively, type Locks } from './locks.js';

export interface LocksUnderTest {
  readonly locks: Locks;
  /** What another process would have. */
  readonly elsewhere: Locks;
  /** Takes away, from outside, whatever connection holds this key. */
  cutOff(key: string): Promise<void>;
  close(): Promise<void>;
}

export interface LocksFeatures {
  /** The locks of another process exclude too, and can be lost. */
  readonly acrossProcesses: true | { readonly because: string };
}

/** What every kind of locks does. */
export function locksContract(
  name: string,
  open: () => Promise<LocksUnderTest>,
  features: LocksFeatures,
): void {
  describe(`${name} keep the contract of locks`, () => {
    let opened: LocksUnderTest;
    let key: string;
    let keys = 0;

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      key = `key ${++keys}`;
    });

    const places: [string, () => Locks][] = [['by the same process', () => opened.locks]];
    if (features.acrossProcesses === true) places.push(['by another process', () => opened.elsewhere]);

    describe.each(places)('for a key that is taken %s', (_where, other) => {
      it('do not begin the work of one who does not wait', async () => {
        const holder = await hold(opened.locks, key);
        let begun = false;
        const outcome = await other().exclusively(key, async () => (begun = true), { wait: false });
        expect([outcome, begun]).toEqual([{ acquired: false }, false]);
        expect(await holder.letGo()).toEqual({ acquired: true, lost: false, value: 'held' });
      });

      it('do not begin the work of one whose patience ends', async () => {
        const holder = await hold(opened.locks, key);
        let begun = false;
        const outcome = await other().exclusively(key, async () => (begun = true), { wait: 20 });
        expect([outcome, begun]).toEqual([{ acquired: false }, false]);
        await holder.letGo();
      });

      it.each([[true], [30_000]])(
        'begin the work of one who waits (%p) when the holder has ended',
        async (wait) => {
          const told: string[] = [];
          const holder = await hold(opened.locks, key);
          const waiter = other().exclusively(key, async () => told.push('waiter'), { wait });
          // Somebody else's turn on another key: the waiter has had every chance to begin too early.
          await other().exclusively(`${key} aside`, async () => {}, { wait: true });
          told.push('holder');
          await holder.letGo();
          expect(await waiter).toMatchObject({ acquired: true, lost: false });
          expect(told).toEqual(['holder', 'waiter']);
        },
      );

      it('can be taken by one who does not wait, once the holder has ended or has failed', async () => {
        const take = () => other().exclusively(key, async () => 'mine', { wait: false });
        await (await hold(opened.locks, key)).letGo();
        expect(await take()).toEqual({ acquired: true, lost: false, value: 'mine' });
        await expect(
          opened.locks.exclusively(key, () => Promise.reject(new Error('work failed')), { wait: true }),
        ).rejects.toThrow('work failed');
        expect(await other().exclusively(key, async () => 'again', { wait: false })).toMatchObject({
          value: 'again',
        });
      });

      it('give other keys away freely', async () => {
        const holder = await hold(opened.locks, key);
        expect(await other().exclusively(`${key}b`, async () => 'b', { wait: false })).toMatchObject({
          value: 'b',
        });
        await holder.letGo();
      });
    });

    it('let one work at a time, however many come from wherever', async () => {
      let atWork = 0;
      let most = 0;
      let done = 0;
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => {
          const [, locks] = places[n % places.length]!;
          return locks().exclusively(
            key,
            async () => {
              most = Math.max(most, ++atWork);
              await new Promise(setImmediate);
              atWork--;
              done++;
            },
            { wait: true },
          );
        }),
      );
      expect(outcomes.every(({ acquired }) => acquired)).toBe(true);
      expect([most, done]).toEqual([1, 40]);
    });

    it('let one work inside the work of another key', async () => {
      const inner = () => opened.locks.exclusively(`${key} inner`, async () => 'in', { wait: true });
      expect(await opened.locks.exclusively(key, inner, { wait: true })).toMatchObject({
        value: { value: 'in' },
      });
    });

    it('go on serving those behind one whose patience ended', async () => {
      const holder = await hold(opened.locks, key);
      const impatient = opened.locks.exclusively(key, async () => 'impatient', { wait: 20 });
      const patient = opened.locks.exclusively(key, async () => 'patient', { wait: true });
      expect(await impatient).toEqual({ acquired: false });
      await holder.letGo();
      expect(await patient).toMatchObject({ value: 'patient' });
    });

    it('forget the limit of a patience once its turn has come', async () => {
      const holder = await hold(opened.locks, key);
      const behind: Promise<unknown>[] = [];
      const limited = opened.locks.exclusively(
        key,
        async () => {
          behind.push(opened.locks.exclusively(key, async () => 'patient', { wait: true }));
          // Outlasts the patience of the one at work.
          return opened.locks.exclusively(key, async () => 'impatient', { wait: 400 });
        },
        { wait: 200 },
      );
      await holder.letGo();
      expect(await limited).toMatchObject({ lost: false, value: { acquired: false } });
      expect(await behind[0]).toMatchObject({ value: 'patient' });
    });

    if (features.acrossProcesses === true) {
      it('tell the holder when the lock is lost, say so in the end, and give the key to the next', async () => {
        const holder = await hold(opened.locks, key);
        const told = new Promise<unknown>((resolve) => {
          holder.lost.addEventListener('abort', () => resolve(holder.lost.reason));
        });
        const next = opened.elsewhere.exclusively(key, async () => 'next', { wait: true });
        await opened.cutOff(key);
        expect(await told).toEqual(new LockLost(key));
        expect(await next).toEqual({ acquired: true, lost: false, value: 'next' });
        expect(await holder.letGo()).toEqual({ acquired: true, lost: true, value: 'held' });
        expect(await opened.locks.exclusively(key, async () => 'anew', { wait: 30_000 })).toMatchObject({
          lost: false,
        });
      });
    } else {
      it(`take no notice of another process, because ${features.acrossProcesses.because}`, async () => {
        const holder = await hold(opened.locks, key);
        expect(await opened.elsewhere.exclusively(key, async () => 'too', { wait: false })).toMatchObject({
          value: 'too',
        });
        await holder.letGo();
      });
    }
  });
}

/** Holds a key until told to let go, and resolves once it is held. */
export async function hold(locks: Locks, key: string) {
  let end!: () => void;
  const ending = new Promise<void>((resolve) => (end = resolve));
  let outcome!: Promise<Exclusively<string>>;
  const lost = await new Promise<AbortSignal>((begun, failed) => {
    outcome = locks.exclusively(
      key,
      async (signal) => {
        begun(signal);
        await ending;
        return 'held';
      },
      { wait: true },
    );
    outcome.catch(failed);
  });
  return {
    lost,
    letGo(): Promise<Exclusively<string>> {
      end();
      return outcome;
    },
  };
}
