/** The present, as everything that depends on time sees it. Injected, so that tests and demos move time instead of waiting for it. */
export interface Clock {
  now(): Date;
  /** Calls back whenever the present jumps, so that loops re-examine what is due. Returns the unsubscribe function. */
  onMoved(listener: () => void): () => void;
}

export const systemClock: Clock = { now: () => new Date(), onMoved: () => () => {} };

/** Runs with the real clock plus an offset that can be moved. */
export class MovableClock implements Clock {
  private movedMs = 0;
  private readonly listeners = new Set<() => void>();

  now(): Date {
    return new Date(Date.now() + this.movedMs);
  }

  /** By how much the present has been moved away from the real one. */
  get offsetMs(): number {
    return this.movedMs;
  }

  onMoved(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  advance(milliseconds: number): void {
    this.movedMs += milliseconds;
    for (const listener of this.listeners) listener();
  }
}

export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;
