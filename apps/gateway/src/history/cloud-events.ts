import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';

/** An event as CloudEvents 1.0 writes it in JSON. Attributes of our own have names of lower-case letters, as it demands. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  /** The stream. */
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  tenantid: string;
  /** Who, which follow-up or which timer. */
  actor: string;
  correlationid: string;
  causationid: string;
  /** From 0, without gaps, within the stream. */
  revision: number;
  /** Of the shape of the data. */
  dataversion: number;
  /** Absent for an event from before there was a chain. */
  chainhash?: string;
  data: Record<string, unknown>;
}

const typePrefix = 'tenant-google.';

/** Nothing that the chain's hash covers is left out, so the export alone shows whether the chain holds. */
export function cloudEvent({ stream, revision, type, data, metadata }: RecordedEvent): CloudEvent {
  const { id, tenantId, at, by, correlationId, causationId, version = 1, hash } = metadata;
  return {
    specversion: '1.0',
    id,
    source: `urn:tenant-google:${encodeURIComponent(tenantId)}`,
    type: `${typePrefix}${parseStreamName(stream).category}.${type}`,
    subject: stream,
    time: at,
    datacontenttype: 'application/json',
    tenantid: tenantId,
    actor: by,
    correlationid: correlationId,
    causationid: causationId,
    revision,
    dataversion: version,
    ...(hash !== undefined && { chainhash: hash }),
    data,
  };
}

/** The event back from its export, for whoever checks the chain in it. Where it stood among the events of other streams is not in it. */
export function fromCloudEvent(exported: CloudEvent): Omit<RecordedEvent, 'position'> {
  const { id, tenantid, time, actor, correlationid, causationid, dataversion, chainhash } = exported;
  return {
    stream: exported.subject,
    revision: exported.revision,
    type: exported.type.slice(exported.type.lastIndexOf('.') + 1),
    data: exported.data,
    metadata: {
      ...{ id, tenantId: tenantid, correlationId: correlationid, causationId: causationid, at: time },
      by: actor,
      ...(dataversion > 1 && { version: dataversion }),
      ...(chainhash !== undefined && { hash: chainhash }),
    },
  };
}
