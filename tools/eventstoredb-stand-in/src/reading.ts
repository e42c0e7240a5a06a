import { randomUUID } from 'node:crypto';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, Recorded } from './event-log.js';
import { caughtUp, checkpoint, confirmation, eventAnswer, nameOf, streamNotFound } from './messages.js';
import { invalidArgument } from './troubles.js';

type Call = ServerWritableStream<streamsPb.ReadReq, streamsPb.ReadResp>;
type Options = streamsPb.ReadReq.Options;

const forwards = 0;
/** How many records a filtered subscription looks at before it tells how far it came; times the client's multiplier. */
const defaultWindow = 32;

/** One call of Read: a part of a stream, or a subscription to all. What the adapter has no use for is refused. */
export async function read(call: Call, log: EventLog): Promise<void> {
  const options = call.request.getOptions()!;
  if (options.hasStream() && !options.hasSubscription()) await readStream(call, options, log);
  else if (options.hasAll() && options.hasSubscription()) await subscribeToAll(call, options, log);
  else throw invalidArgument('The stand-in reads streams and subscribes to $all; nothing else.');
  call.end();
}

async function readStream(call: Call, options: Options, log: EventLog): Promise<void> {
  const from = options.getStream()!;
  const name = nameOf(from.getStreamIdentifier());
  const stream = log.stream(name);
  if (stream.length === 0) {
    await send(call, streamNotFound(name));
    return;
  }
  const count = Number(options.getCount());
  const onward = options.getReadDirection() === forwards;
  const first = from.hasStart() ? 0 : from.hasEnd() ? stream.length - 1 : Number(from.getRevision());
  const part = onward
    ? stream.slice(first, first + count)
    : stream.slice(Math.max(0, first + 1 - count), first + 1).toReversed();
  for (const record of part) await send(call, eventAnswer(record));
}

async function subscribeToAll(call: Call, options: Options, log: EventLog): Promise<void> {
  const all = options.getAll()!;
  const after = all.hasStart() ? -1n : all.hasEnd() ? null : BigInt(all.getPosition()!.getCommitPosition());
  if (after !== null && after >= 0n && !log.isPosition(after))
    throw invalidArgument(`Invalid position: ${after}`);
  const wanted = filterOf(options);
  const window = defaultWindow * (options.getFilter()?.getCheckpointintervalmultiplier() || 1);
  await send(call, confirmation(randomUUID()));

  let next = after === null ? log.records.length : log.indexAfter(after);
  let looked = 0;
  let live = false;
  while (!gone(call)) {
    for (let record; (record = log.records[next]); next += 1) {
      if (gone(call)) return;
      if (wanted(record)) await send(call, eventAnswer(record));
      looked += 1;
      if (options.hasFilter() && looked % window === 0) await send(call, checkpoint(record.position));
    }
    if (!live) await send(call, caughtUp());
    live = true;
    await nextRecord(call, log, next);
  }
}

function filterOf(options: Options): (record: Recorded) => boolean {
  const expression = options.getFilter()?.getStreamIdentifier();
  if (!expression) return () => true;
  const regex = expression.getRegex();
  if (regex !== '') return ({ stream }) => new RegExp(regex).test(stream);
  const prefixes = expression.getPrefixList();
  return ({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix));
}

/** Resolves when there is more, or nobody listens any longer. */
const nextRecord = (call: Call, log: EventLog, next: number): Promise<void> =>
  new Promise((resolve) => {
    const settled = (): void => {
      stop();
      call.off('cancelled', settled);
      resolve();
    };
    const stop = log.onWritten(() => {
      if (next < log.records.length) settled();
    });
    call.once('cancelled', settled);
    if (next < log.records.length || gone(call)) settled();
  });

async function send(call: Call, answer: streamsPb.ReadResp): Promise<void> {
  if (gone(call) || call.write(answer)) return;
  await new Promise<void>((resolve) => {
    const settled = (): void => {
      call.off('drain', settled);
      call.off('cancelled', settled);
      resolve();
    };
    call.once('drain', settled);
    call.once('cancelled', settled);
    if (gone(call)) settled();
  });
}

const gone = (call: Call): boolean => call.cancelled || call.destroyed;
