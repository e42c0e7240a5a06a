import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ChainCheck, type Break } from '#event-sourcing/chain/chain-check';
import { HeadsComparison, type Departure } from '#event-sourcing/chain/compare-heads';
import { readSignedHeads } from '#event-sourcing/chain/signed-heads';
import type { EventStore } from '#event-sourcing/event-store';

export interface Verification {
  events: number;
  streams: number;
  /** From before there was a chain. */
  unhashed: number;
  breaks: Break[];
  /** Null when no signed list was given. */
  signed: { at: string; heads: number; departures: Departure[] } | null;
}

const pageSize = 1_000;

/** Reads every event as it is kept and follows the chains; with a signed list also holds them against its heads. @throws SignedHeadsProblem */
export async function verify(
  kept: EventStore,
  list: { file: string; publicKey: KeyObject } | null,
  onProgress: (events: number) => void = () => {},
): Promise<Verification> {
  const signed = list && (await readSignedHeads(await readFile(list.file, 'utf8'), list.publicKey));
  const comparison = signed && new HeadsComparison(signed);
  const check = new ChainCheck((head) => comparison?.see(head));
  for (let after: string | null = null; ;) {
    const page = await kept.readAll({ after, limit: pageSize });
    if (page.length === 0) break;
    for (const event of page) check.add(event);
    after = page.at(-1)!.position;
    onProgress(check.checked + check.unhashed);
  }
  const { breaks, checked, unhashed, streams } = check;
  return {
    events: checked + unhashed,
    streams,
    unhashed,
    breaks,
    signed: signed && { at: signed.at, heads: signed.heads.length, departures: comparison!.departures() },
  };
}

export const holds = ({ breaks, signed }: Verification): boolean =>
  breaks.length === 0 && (signed === null || signed.departures.length === 0);

const inWords: Record<Break['what'] | Departure['what'], string> = {
  altered: 'was changed after it was written, or something before it was',
  'out-of-place': 'does not follow the event before it: events are missing or doubled',
  unhashed: 'has no hash, although those before it have one',
  rewritten: 'is another one than the signed list says: the stream was written anew',
  gone: 'is in the signed list and is not there any more: the stream was cut off',
};

/** As an auditor reads it. */
export function told(verification: Verification): string[] {
  const { events, streams, unhashed, breaks, signed } = verification;
  const lines = [
    ...[...breaks, ...(signed?.departures ?? [])].map(
      ({ stream, revision, what }) => `BROKEN  ${stream} at ${revision} ${inWords[what]}.`,
    ),
    `${events} events in ${streams} streams were read; ${events - unhashed} of them carry a hash.`,
  ];
  if (unhashed > 0) lines.push(`${unhashed} are from before there was a chain: nothing can be said of them.`);
  if (signed) lines.push(`The list of ${signed.heads} heads signed at ${signed.at} was held against them.`);
  lines.push(
    holds(verification)
      ? 'Every chain holds.'
      : `${breaks.length + (signed?.departures.length ?? 0)} place(s) where it does not hold.`,
  );
  return lines;
}
