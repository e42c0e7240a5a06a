import type { Delivery } from './backlog.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 60_000;
const FIRST_WINDOW = 3;
const LARGEST_WINDOW = 3_000;

/** How many pushes an endpoint gets at a time, and how long it is left alone after refusing one. */
export class PushPace {
  window = FIRST_WINDOW;
  /** Epoch milliseconds. */
  backoffUntil = 0;
  cancelPump?: () => void;
  /** What a reorder fault holds back, oldest first. */
  readonly held: Delivery[] = [];
  private nacksInARow = 0;

  accepted(): void {
    this.window = Math.min(LARGEST_WINDOW, this.window + 1);
    this.nacksInARow = 0;
    this.backoffUntil = 0;
  }

  refused(now: number): void {
    this.window = Math.max(1, Math.floor(this.window / 2));
    this.nacksInARow += 1;
    this.backoffUntil = now + pushBackoffMs(this.nacksInARow);
  }
}

/** How long the whole subscription waits after so many refusals in a row. */
export function pushBackoffMs(nacksInARow: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (nacksInARow - 1));
}
