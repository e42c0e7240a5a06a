import { createHash } from 'node:crypto';
import { Objm, type ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { hours, seconds } from '#time/clock';
import { OBJECTS } from './streams.js';
import { subjectToken } from './subjects.js';

/** The folder of everything that is stored of one message; its first part is the tenant's, whatever ids the host uses. */
export const objectPrefix = (tenantId: string, providerId: string, gmailId: string): string =>
  [tenantId, providerId, gmailId].map(subjectToken).join('/');

export interface StoredContent {
  /** Bytes. */
  size: number;
  /** Errors when what is stored is damaged. */
  data: ReadableStream<Uint8Array>;
}

/** Raw messages and large bodies, until the retention ends. All methods reject when JetStream cannot be reached. */
export interface Objects {
  /** Safe to repeat; resolves when the content is stored. */
  put(key: string, content: Buffer): Promise<void>;
  /** null: not there, no longer there, or another tenant's. */
  read(tenantId: string, key: string): Promise<StoredContent | null>;
}

/** How old an equal content may be to be left as it is: it has to outlive the delivery that is now going to refer to it. */
const youngEnough = hours(12);

/** The streams have to be there: see ensureStreams. */
export async function openObjects(nats: NatsConnection): Promise<Objects> {
  const store = await new Objm(nats).open(OBJECTS);
  return {
    async put(key, content) {
      if (await isThere(store, key, content)) return;
      await store.put({ name: key }, streamOf(content), { timeout: seconds(20) });
    },
    async read(tenantId, key) {
      if (!key.startsWith(`${subjectToken(tenantId)}/`)) return null;
      const found = await store.get(key);
      return found && { size: found.info.size, data: found.data };
    },
  };
}

async function isThere(store: ObjectStore, key: string, content: Buffer): Promise<boolean> {
  const info = await store.info(key);
  if (!info || info.deleted || info.size !== content.length) return false;
  const digest = createHash('sha256').update(content).digest('base64url');
  // JetStream lets objects expire by its own time, which no injected clock moves.
  const age = Date.now() - Date.parse(info.mtime);
  return info.digest.replace(/=+$/, '') === `SHA-256=${digest}` && age < youngEnough;
}

const piece = 128 * 1024;

function streamOf(content: Buffer): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= content.length) return controller.close();
      controller.enqueue(content.subarray(offset, offset + piece));
      offset += piece;
    },
  });
}
