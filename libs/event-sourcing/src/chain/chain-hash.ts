import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { NewEvent } from '../event-store.js';

/** SHA-256 in hex. */
export type ChainHash = string;

/**
 * What ties an event to its place and to everything before it in its stream: SHA-256 over the canonical JSON (RFC 8785) of the hash of the event
 * before (null for the first), the stream, the revision, the type, the data, and the metadata without the hash itself.
 */
export function chainHash(
  previous: ChainHash | null,
  { stream, revision, type, data, metadata }: NewEvent & { stream: string; revision: number },
): ChainHash {
  const { hash: _, ...hashed } = metadata;
  // Through JSON first: that is how a store keeps it.
  const kept = JSON.parse(JSON.stringify({ data, metadata: hashed })) as Pick<NewEvent, 'data' | 'metadata'>;
  const text = canonicalize([previous, stream, revision, type, kept.data, kept.metadata])!;
  return createHash('sha256').update(text).digest('hex');
}
