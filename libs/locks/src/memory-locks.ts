import type { Exclusively, Locks, Patience } from './locks.js';

/** The substitute: excludes callers within one process, in the order in which they came. */
export class MemoryLocks implements Locks {
  /** By key: the holder, and behind it those who wait. */
  readonly #queues = new Map<string, Array<() => void>>();

  async exclusively<T>(
    key: string,
    work: (lost: AbortSignal) => Promise<T>,
    options: { readonly wait: Patience },
  ): Promise<Exclusively<T>> {
    if (!(await this.#take(key, options.wait))) return { acquired: false };
    try {
      return { acquired: true, lost: false, value: await work(new AbortController().signal) };
    } finally {
      this.#passOn(key);
    }
  }

  #take(key: string, wait: Patience): Promise<boolean> {
    const waiting = this.#queues.get(key);
    if (!waiting) {
      this.#queues.set(key, []);
      return Promise.resolve(true);
    }
    if (wait === false) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = wait === true ? undefined : setTimeout(giveUp, wait);
      const proceed = () => {
        clearTimeout(timer);
        resolve(true);
      };
      function giveUp() {
        waiting!.splice(waiting!.indexOf(proceed), 1);
        resolve(false);
      }
      waiting.push(proceed);
    });
  }

  #passOn(key: string): void {
    const next = this.#queues.get(key)?.shift();
    if (next) next();
    else this.#queues.delete(key);
  }
}
