import type { EventStore } from '#event-sourcing/event-store';
import { causesOf, type CauseChain } from '../../../apps/gateway/src/history/causes.js';
import { sentenceOf } from '../../../apps/gateway/src/history/history.js';
import { toldOfTenant, type TenantHappening } from '../../../apps/gateway/src/history/tenant-history.js';
import { CommandError } from '../../operator/src/whereabouts.js';
import { eventsOf, tenantOf, type Whose } from './tenant-events.js';

/** What happened in a tenant, as it was stored; of one provider only with what concerns the whole tenant. */
export async function* history(store: EventStore, whose: Whose): AsyncGenerator<TenantHappening> {
  const sentences = new Map<string, string>();
  for await (const event of eventsOf(store, await tenantOf(store, whose))) {
    sentences.set(event.metadata.id, sentenceOf(event));
    const told = toldOfTenant(event, sentences.get(event.metadata.causationId) ?? null);
    if (whose.provider === undefined || told.providerId === null || told.providerId === whose.provider)
      yield told;
  }
}

export function* historyLines(told: TenantHappening): Generator<string> {
  const { at, type, about, providerId, sentence, by, reason, causedBy, correlationId, id } = told;
  yield `${at}  ${type}  ${about}${providerId === null ? '' : ` ${providerId}`}`;
  yield `    ${sentence}`;
  const because = causedBy === null ? '' : `, because: ${causedBy}`;
  yield `    by ${by}${reason === null ? '' : ` (reason: ${reason})`}${because}`;
  yield `    id ${id}, correlation ${correlationId}`;
}

/** Why something happened. @throws CommandError where there is no such happening */
export async function why(store: EventStore, whose: Whose, eventId: string): Promise<CauseChain> {
  const byId = new Map<string, Awaited<ReturnType<EventStore['readAll']>>[number]>();
  for await (const event of eventsOf(store, await tenantOf(store, whose))) byId.set(event.metadata.id, event);
  const event = byId.get(eventId.toLowerCase());
  if (!event)
    throw new CommandError(
      `Nothing with the id ${eventId} happened there. "npm run audit -- history" shows the ids.`,
    );
  return causesOf(event, (id) => Promise.resolve(byId.get(id) ?? null));
}

export function* causeLines({ causes, began }: CauseChain): Generator<string> {
  for (const [place, cause] of causes.entries()) {
    const { at, type, about, providerId, sentence, times, firstAt, followed, reason } = cause;
    const indent = '  '.repeat(place);
    yield `${indent}${at}  ${type}  ${about}${providerId === null ? '' : ` ${providerId}`}`;
    yield `${indent}    ${sentence}${reason === null ? '' : ` (reason: ${reason})`}`;
    if (times > 1) yield `${indent}    ${times} times in a row, for the first time at ${firstAt}.`;
    if (place < causes.length - 1) yield `${indent}    ${followed}`;
  }
  yield began.sentence;
  yield `    request ${began.requestId}, correlation ${began.correlationId}`;
}
