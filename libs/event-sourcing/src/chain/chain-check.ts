import type { RecordedEvent } from '../event-store.js';
import { chainHash, type ChainHash } from './chain-hash.js';

/** Where a chain does not hold, and in which way. */
export interface Break {
  stream: string;
  revision: number;
  what:
    /** The content, or something before it, is not what was hashed. */
    | 'altered'
    /** Events before it are gone, or something stands twice. */
    | 'out-of-place'
    /** It has no hash although those before it have. */
    | 'unhashed';
}

export interface Head {
  stream: string;
  revision: number;
  hash: ChainHash;
}

/**
 * Follows the chains of all streams, fed with events as they are kept, each stream in its order. After a break it goes on from what stands there, so that one
 * change by hand is told as one break and not as one for every event behind it.
 */
export class ChainCheck {
  readonly breaks: Break[] = [];
  checked = 0;
  /** Events from before there was a chain. */
  unhashed = 0;
  private readonly ends = new Map<string, { revision: number; hash: ChainHash | null }>();

  /** Calls back with every head on its way, for comparing with a signed list. */
  constructor(private readonly onHead: (head: Head) => void = () => {}) {}

  add(event: RecordedEvent): void {
    const { stream, revision } = event;
    const { hash = null } = event.metadata;
    const before = this.ends.get(stream) ?? { revision: -1, hash: null };
    const broken = breakAt(event, before);
    if (broken) this.breaks.push({ stream, revision, what: broken });
    if (hash === null) this.unhashed += 1;
    else {
      this.checked += 1;
      this.onHead({ stream, revision, hash });
    }
    this.ends.set(stream, { revision, hash });
  }

  /** The last hash of every stream that has one. */
  heads(): Head[] {
    return [...this.ends].flatMap(([stream, { revision, hash }]) =>
      hash === null ? [] : [{ stream, revision, hash }],
    );
  }

  get streams(): number {
    return this.ends.size;
  }
}

function breakAt(
  event: RecordedEvent,
  before: { revision: number; hash: ChainHash | null },
): Break['what'] | null {
  if (event.revision !== before.revision + 1) return 'out-of-place';
  const { hash } = event.metadata;
  if (hash === undefined) return before.hash === null ? null : 'unhashed';
  return chainHash(before.hash, event) === hash ? null : 'altered';
}
