import type { Head } from './chain-check.js';
import type { SignedHeads } from './signed-heads.js';

/** What a signed list shows that the chain alone cannot: a stream that was cut off, or written anew with hashes that fit. */
export interface Departure {
  stream: string;
  revision: number;
  what: 'rewritten' | 'gone';
}

/** Holds the heads that were signed once against those that stand there now. */
export class HeadsComparison {
  private readonly wanted: Map<string, Head>;
  private readonly found: Departure[] = [];

  constructor({ heads }: SignedHeads) {
    this.wanted = new Map(heads.map((head) => [head.stream, head]));
  }

  see({ stream, revision, hash }: Head): void {
    const signed = this.wanted.get(stream);
    if (signed?.revision !== revision) return;
    this.wanted.delete(stream);
    if (signed.hash !== hash) this.found.push({ stream, revision, what: 'rewritten' });
  }

  /** Once everything was seen. */
  departures(): Departure[] {
    const gone = [...this.wanted.values()].map(({ stream, revision }): Departure => ({
      stream,
      revision,
      what: 'gone',
    }));
    return [...this.found, ...gone];
  }
}
