import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import { describeProblem } from '#problems/problem';
import type { ShownProblem } from '../../../apps/gateway/src/status/provider-status.js';
import {
  asOfPast,
  calendarStatusAt,
  mailboxStatusAt,
  momentOf,
  ofMoment,
} from '../../../apps/gateway/src/status/status-at.js';
import { CommandError } from '../../operator/src/whereabouts.js';
import { tenantOf, type Whose } from './tenant-events.js';

/** How a provider was, as far as the statuses of mailboxes and calendars have the same words for it. */
export interface StatusThen {
  status: string;
  problem: ShownProblem | null;
  notices: ShownProblem[];
  asOf: string;
}

/** @throws CommandError where the moment is none, or nothing is known of it */
export async function statusThen(
  store: EventStore,
  whose: Whose & { provider?: string | undefined },
  { at, now }: { at: string | undefined; now: Date },
): Promise<StatusThen> {
  const { provider } = whose;
  if (provider === undefined) throw new CommandError('Of which provider? Give --provider P.');
  const given = ofMoment.safeParse({ at });
  const moment = given.success ? momentOf(given.data, now) : null;
  if (!moment) throw new CommandError('When? Give --at with an instant such as 2026-11-23T12:00:00Z.');
  if ('problem' in moment) throw new CommandError(describeProblem(moment.problem).sentence);
  const tenantId = await tenantOf(store, whose);
  const isMailbox =
    (await store.readStream(streamName('mailbox', tenantId, provider), { limit: 1 })).length > 0;
  const found = isMailbox
    ? await mailboxStatusAt(store, tenantId, provider, moment.at)
    : await calendarStatusAt(store, tenantId, provider, moment.at);
  if (found === 'absent') throw new CommandError(`There was no provider ${provider} then.`);
  if ('notYet' in found) throw new CommandError(describeProblem(found.problem).sentence);
  return { ...('calendar' in found ? found.status : found), ...asOfPast(moment.at) };
}

export function* statusLines({ status, problem, notices, asOf }: StatusThen): Generator<string> {
  yield `${asOf}  ${status}`;
  if (problem) yield* shown(problem);
  for (const notice of notices) yield* shown(notice);
}

function* shown({ code, sentence, remedy, since }: ShownProblem): Generator<string> {
  yield `    ${code} since ${since}: ${sentence}`;
  yield `        ${remedy}`;
}
