import {
  jsonEvent,
  type JSONEventData,
  type Position,
  type RecordedEvent as Stored,
} from '@eventstore/db-client';
import type { NewEvent, RecordedEvent } from '../event-store.js';

/** EventStoreDB’s own projections follow correlations by these names. */
const ownNames = { correlation: '$correlationId', causation: '$causationId' };

export function proposal({ type, data, metadata }: NewEvent): JSONEventData {
  const { id, ...kept } = metadata;
  return jsonEvent({
    id,
    type,
    data,
    metadata: {
      ...kept,
      [ownNames.correlation]: kept.correlationId,
      [ownNames.causation]: kept.causationId,
    },
  });
}

export function recorded({ streamId, revision, type, id, data, metadata, position }: Stored): RecordedEvent {
  const kept = { ...(metadata as Record<string, unknown>) };
  for (const name of Object.values(ownNames)) delete kept[name];
  return {
    stream: streamId,
    revision: Number(revision),
    type,
    data: data as Record<string, unknown>,
    metadata: { ...(kept as Omit<RecordedEvent['metadata'], 'id'>), id },
    position: String(position!.commit),
  };
}

/** Everything that we write is committed record by record, so that commit and prepare position are the same. @throws RangeError */
export function placeOf(position: string): Position {
  if (!/^\d+$/.test(position)) throw new RangeError(`"${position}" is not a position of this event store.`);
  return { commit: BigInt(position), prepare: BigInt(position) };
}
