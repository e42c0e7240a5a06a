/** Whether and how long to wait for a key that is taken: until it is free, not at all, or at most so many milliseconds. */
export type Patience = boolean | number;

/**
 * Either the key was taken and the work was not begun, or the work was done. `lost` says that the lock went away
 * before the work ended, so that somebody else may have worked at the same time.
 */
export type Exclusively<T> =
  { readonly acquired: false } | { readonly acquired: true; readonly lost: boolean; readonly value: T };

/** Mutual exclusion by key. */
export interface Locks {
  /**
   * Runs the work while nobody else runs work under the same key; an error of the work is passed on, after the key
   * is free again. The signal aborts with LockLost as its reason when the lock is lost; the work should stop then,
   * and undo nothing. A key must not be asked for again inside its own work: that would wait for itself.
   */
  exclusively<T>(
    key: string,
    work: (lost: AbortSignal) => Promise<T>,
    options: { readonly wait: Patience },
  ): Promise<Exclusively<T>>;
}

export class LockLost extends Error {
  override readonly name = 'LockLost';

  constructor(readonly key: string) {
    super(`The lock "${key}" was lost before its work had ended`);
  }
}
