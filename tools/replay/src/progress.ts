import type { RecordedEvent } from '#event-sourcing/event-store';

const width = 30;
const redrawEveryMs = 100;

/**
 * How far a replay is. The share is that of the time that the history spans, because a store does not say how many events lie ahead. Silent unless somebody
 * looks at a terminal.
 */
export class Progress {
  private readonly begun = performance.now();
  private first: number | undefined;
  private drawnAt = 0;
  private count = 0;

  constructor(
    private readonly what: string,
    private readonly terminal: { isTTY?: boolean; write(text: string): unknown },
    private readonly now: () => number = Date.now,
  ) {}

  readonly saw = (events: RecordedEvent[]): void => {
    this.count += events.length;
    const at = Date.parse(events.at(-1)!.metadata.at);
    this.first ??= Date.parse(events[0]!.metadata.at);
    if (!this.terminal.isTTY || performance.now() - this.drawnAt < redrawEveryMs) return;
    this.drawnAt = performance.now();
    this.terminal.write(`\r${barAt(at, this.first, this.now())} ${this.what}  ${this.rate()}\u001b[K`);
  };

  /** The last word: how many events, and how many a second. */
  end(): string {
    if (this.terminal.isTTY) this.terminal.write('\r\u001b[K');
    return this.rate();
  }

  private rate(): string {
    const seconds = (performance.now() - this.begun) / 1_000;
    return `${this.count} events, ${Math.round(this.count / Math.max(seconds, 0.001))}/s`;
  }
}

/** Pure. */
export function barAt(at: number, first: number, now: number): string {
  const share = now > first ? Math.min(Math.max((at - first) / (now - first), 0), 1) : 1;
  const filled = Math.round(share * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(Math.round(share * 100)).padStart(3)} %`;
}
