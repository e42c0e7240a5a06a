import type { sendUnaryData, ServerDuplexStream, ServerReadableStream, ServiceError } from '@grpc/grpc-js';
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, Expected, Proposed, Written } from './event-log.js';
import { appended, BatchAnswer, expectedBy, expectedByBatch, nameOf, proposed } from './messages.js';
import { diskFull, refusalOf, wrongExpectedVersion, type Trouble } from './troubles.js';

/** What the appends of one node share. */
export interface Node {
  log: EventLog;
  trouble(): Trouble | null;
  /** The answer of a write that was made is lost, and the connection with it. True when it has to be. */
  losesAnswer(): boolean;
}

/** As the server is configured by default. */
export const maxAppendSize = 1024 * 1024;

type Batch = ServerDuplexStream<streamsPb.BatchAppendReq, streamsPb.BatchAppendResp>;
type Append = ServerReadableStream<streamsPb.AppendReq, streamsPb.AppendResp>;

/** A call for one append: the options first, then an event each. */
export function append(call: Append, answer: sendUnaryData<streamsPb.AppendResp>, node: Node): void {
  let options: streamsPb.AppendReq.Options | undefined;
  const events: Proposed[] = [];
  call.on('data', (request: streamsPb.AppendReq) => {
    if (request.hasOptions()) options = request.getOptions();
    else events.push(proposed(request.getProposedMessage()!));
  });
  call.on('end', () => {
    const refusal = refused(node.trouble(), requiresLeader(call));
    if (refusal) return answer(refusal);
    const stream = nameOf(options!.getStreamIdentifier());
    const expected = expectedBy(options!);
    const written = node.log.write(stream, events, expected);
    if (written.outcome === 'written') answer(null, appended(written.last));
    else answer(wrongExpectedVersion(stream, String(expected), written.current));
  });
}

interface Pending {
  stream: string;
  expected: Expected;
  events: Proposed[];
  size: number;
}

/** A call for many appends, told apart by their correlation ids. An append may come in several parts. */
export function batchAppend(call: Batch, node: Node): void {
  const pending = new Map<string, Pending>();
  call.on('data', (request: streamsPb.BatchAppendReq) => {
    const id = request.getCorrelationId()!;
    const key = id.getString();
    const options = request.getOptions();
    if (options) {
      const stream = nameOf(options.getStreamIdentifier());
      pending.set(key, { stream, expected: expectedByBatch(options), events: [], size: 0 });
    }
    const append = pending.get(key);
    if (!append) return;
    for (const message of request.getProposedMessagesList()) {
      append.size += message.getData_asU8().length + message.getCustomMetadata_asU8().length;
      append.events.push(proposed(message));
    }
    const answer = new BatchAnswer(id, append.stream);
    if (append.size > maxAppendSize) {
      pending.delete(key);
      call.write(answer.tooLarge(maxAppendSize));
    } else if (request.getIsFinal()) {
      pending.delete(key);
      finish(call, append, answer, node);
    }
  });
  call.on('end', () => call.end());
  // A client that goes away has nothing to be told.
  call.on('error', () => {});
}

function finish(call: Batch, { stream, expected, events }: Pending, answer: BatchAnswer, node: Node): void {
  const trouble = node.trouble();
  if (trouble?.kind === 'read-only')
    return void call.write(answer.notHandled('No leader info available in response'));
  if (trouble?.kind === 'not-ready') return void call.write(answer.notHandled('Server Is Not Ready'));
  if (trouble?.kind === 'too-busy') return void call.write(answer.notHandled('Server Is Busy'));
  const refusal = refused(trouble, requiresLeader(call));
  if (refusal) return void call.emit('error', refusal);
  const written: Written = node.log.write(stream, events, expected);
  if (node.losesAnswer()) return;
  if (written.outcome === 'written') call.write(answer.written(written.last));
  else call.write(answer.wrongVersion(expected, written.current));
}

const requiresLeader = ({ metadata }: Pick<Append, 'metadata'>): boolean =>
  metadata.get('requires-leader').includes('true');

const refused = (trouble: Trouble | null, leaderWanted: boolean): ServiceError | null =>
  trouble?.kind === 'full' ? diskFull() : refusalOf(trouble, leaderWanted);
