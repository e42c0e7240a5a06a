import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Expected, Proposed, Recorded } from './event-log.js';

const { ReadResp, AppendResp, BatchAppendResp } = streamsPb;

export const nameOf = (identifier: sharedPb.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

const identifierOf = (stream: string): sharedPb.StreamIdentifier => {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream, 'utf8').toString('base64'));
  return identifier;
};

export function proposed(
  message: streamsPb.AppendReq.ProposedMessage | streamsPb.BatchAppendReq.ProposedMessage,
): Proposed {
  const fields = message.getMetadataMap();
  return {
    id: message.getId()!.getString(),
    type: fields.get('type') ?? '',
    contentType: fields.get('content-type') ?? 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function expectedBy(options: streamsPb.AppendReq.Options): Expected {
  if (options.hasRevision()) return Number(options.getRevision());
  return options.hasNoStream() ? 'no-stream' : options.hasStreamExists() ? 'stream-exists' : 'any';
}

export function expectedByBatch(options: streamsPb.BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  return options.hasNoStream() ? 'no-stream' : options.hasStreamExists() ? 'stream-exists' : 'any';
}

export function eventAnswer(record: Recorded): streamsPb.ReadResp {
  const event = new ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedPb.UUID();
  id.setString(record.id);
  event.setId(id);
  event.setStreamIdentifier(identifierOf(record.stream));
  event.setStreamRevision(String(record.revision));
  event.setCommitPosition(String(record.position));
  event.setPreparePosition(String(record.position));
  event.setData(record.data);
  event.setCustomMetadata(record.metadata);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', String(record.created));
  const read = new ReadResp.ReadEvent();
  read.setEvent(event);
  read.setCommitPosition(String(record.position));
  const answer = new ReadResp();
  answer.setEvent(read);
  return answer;
}

export function streamNotFound(stream: string): streamsPb.ReadResp {
  const notFound = new ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(identifierOf(stream));
  const answer = new ReadResp();
  answer.setStreamNotFound(notFound);
  return answer;
}

export function confirmation(id: string): streamsPb.ReadResp {
  const confirmed = new ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(id);
  const answer = new ReadResp();
  answer.setConfirmation(confirmed);
  return answer;
}

export function checkpoint(position: bigint): streamsPb.ReadResp {
  const reached = new ReadResp.Checkpoint();
  reached.setCommitPosition(String(position));
  reached.setPreparePosition(String(position));
  const answer = new ReadResp();
  answer.setCheckpoint(reached);
  return answer;
}

export function caughtUp(): streamsPb.ReadResp {
  const answer = new ReadResp();
  answer.setCaughtUp(new ReadResp.CaughtUp());
  return answer;
}

export function appended({ revision, position }: Recorded): streamsPb.AppendResp {
  const success = new AppendResp.Success();
  success.setCurrentRevision(String(revision));
  const at = new AppendResp.Position();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  success.setPosition(at);
  const answer = new AppendResp();
  answer.setSuccess(success);
  return answer;
}

/** The answer to one of the appends that share a call, found again by its correlation id. */
export class BatchAnswer {
  private readonly answer = new BatchAppendResp();

  constructor(correlationId: sharedPb.UUID, stream: string) {
    this.answer.setCorrelationId(correlationId);
    this.answer.setStreamIdentifier(identifierOf(stream));
  }

  written({ revision, position }: Recorded): streamsPb.BatchAppendResp {
    const success = new BatchAppendResp.Success();
    success.setCurrentRevision(String(revision));
    const at = new sharedPb.AllStreamPosition();
    at.setCommitPosition(String(position));
    at.setPreparePosition(String(position));
    success.setPosition(at);
    this.answer.setSuccess(success);
    return this.answer;
  }

  wrongVersion(expected: Expected, current: number | null): streamsPb.BatchAppendResp {
    const details = new sharedPb.WrongExpectedVersion();
    if (current === null) details.setCurrentNoStream(new emptyPb.Empty());
    else details.setCurrentStreamRevision(String(current));
    if (typeof expected === 'number') details.setExpectedStreamPosition(String(expected));
    else if (expected === 'no-stream') details.setExpectedNoStream(new emptyPb.Empty());
    else if (expected === 'stream-exists') details.setExpectedStreamExists(new emptyPb.Empty());
    else details.setExpectedAny(new emptyPb.Empty());
    return this.error(
      'WrongExpectedVersion',
      'event_store.client.WrongExpectedVersion',
      details.serializeBinary(),
    );
  }

  tooLarge(limit: number): streamsPb.BatchAppendResp {
    const details = new sharedPb.MaximumAppendSizeExceeded();
    details.setMaxappendsize(limit);
    const type = 'event_store.client.MaximumAppendSizeExceeded';
    return this.error('MaximumAppendSizeExceeded', type, details.serializeBinary());
  }

  /** What the server puts into words only, in the place of details. */
  notHandled(message: string): streamsPb.BatchAppendResp {
    return this.error(message, 'google.protobuf.Empty', new Uint8Array());
  }

  private error(message: string, type: string, details: Uint8Array): streamsPb.BatchAppendResp {
    const packed = new anyPb.Any();
    packed.pack(details, type);
    const status = new statusPb.Status();
    status.setMessage(message);
    status.setDetails(packed);
    this.answer.setError(status);
    return this.answer;
  }
}
