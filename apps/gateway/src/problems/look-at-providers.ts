import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { Delivery, Outbox } from '#deliveries/outbox';
import type { Logger } from '#logging/logger';
import { minutes, seconds, type Clock } from '#time/clock';
import { calendarSpans } from '../calendar/derive-calendar-status.js';
import { statusSpans } from '../status/derive-status.js';
import type { StatusWord } from '../status/provider-status.js';
import { deliveryOf } from './delivered-problem.js';
import { nextChange } from './next-change.js';
import { tellOfEndBefore } from './problems-to-tell.js';
import { factsOf, type ProviderFacts, type ProviderId } from './provider-facts.js';
import { decideTelling, earlier, remembered, type Decision, type Told } from './telling.decider.js';
import { replaceTold, toldOf } from './told-problems.js';

export interface LookingMeans {
  database: DataSource;
  clock: Clock;
  outbox: Pick<Outbox, 'write' | 'ring'>;
  logger: Logger;
}

const atOnce = 100;
const spans = [0, -tellOfEndBefore, ...statusSpans, ...calendarSpans];
/** While something is wrong it is looked at so often, whatever nobody foresaw. */
const atLeastEvery = minutes(15);
/** Where the statuses are being built anew, what they show is of the past. */
const lookLaterBy = seconds(10);

interface DueLook extends ProviderId {
  status: StatusWord | null;
  revisions: number[];
}

/**
 * Looks at providers whose time has come and writes what the host has to be told into the outbox, with what it was told now, in one transaction. Replicas
 * share the work; none looks at a provider that another is looking at. Answers how many it looked at.
 */
export async function lookAtProviders(means: LookingMeans): Promise<number> {
  const { database, clock, outbox } = means;
  const now = clock.now();
  const looked = await database.transaction(async (manager) => {
    const due: DueLook[] = await manager.query(
      `SELECT tenant_id AS "tenantId", provider_id AS "providerId", status, revisions FROM provider_looks
        WHERE look_at <= $1 ORDER BY look_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [now, atOnce],
    );
    if (due.length > 0) await look(manager, due, now, means);
    return due.length;
  });
  if (looked > 0) outbox.ring();
  return looked;
}

interface Look extends ProviderId {
  product: ProviderFacts['product'];
  status: StatusWord | null;
  lookAt: Date | null;
  settled: boolean;
  endsAt: string | null;
  revisions: number[];
}

interface Considered {
  look: Look;
  known: Told[];
  deliveries: Delivery[];
}

async function look(manager: EntityManager, due: DueLook[], now: Date, means: LookingMeans): Promise<void> {
  const facts = new Map((await factsOf(manager, due)).map((one) => [keyOf(one), one]));
  const told = Map.groupBy(await toldOf(manager, due), keyOf);
  const waiting: DueLook[] = [];
  const considered: Considered[] = [];
  for (const before of due) {
    const found = facts.get(keyOf(before));
    const toldBefore = (told.get(keyOf(before)) ?? []).map((one) => one.told);
    const one =
      found && !isOfThePast(found, before) && considerOr(means.logger, found, before, toldBefore, now);
    if (one) considered.push(one);
    else waiting.push(before);
  }
  const looks = considered.map((one) => one.look);
  const known = considered.flatMap((one) => one.known.map((each) => ({ ...idOf(one.look), told: each })));
  await replaceTold(manager, looks, known);
  await keepLooks(manager, looks);
  await lookLater(manager, waiting, new Date(now.getTime() + lookLaterBy));
  await means.outbox.write(
    manager,
    considered.flatMap((one) => one.deliveries),
  );
}

/** One provider that cannot be made sense of must not keep all others from being told of. */
function considerOr(
  logger: Logger,
  ...[found, before, toldBefore, now]: Parameters<typeof consider>
): Considered | null {
  try {
    return consider(found, before, toldBefore, now);
  } catch (error) {
    logger.error(
      { ...idOf(found), err: error },
      'the problems of a provider cannot be told; it is tried again',
    );
    return null;
  }
}

function consider(found: ProviderFacts, before: DueLook, toldBefore: Told[], now: Date): Considered {
  const { product, revisions, endsAt } = found;
  const view = found.viewAt(now);
  const decision = decideTelling(toldBefore, before.status, view, now, randomUUID);
  const settled =
    view.problems.length === 0 && view.status !== 'configuring' && decision.lookAgainAt === null;
  const works = view.status !== null && view.status !== 'disconnected';
  return {
    look: {
      ...{ ...idOf(found), product, settled, revisions },
      status: view.status,
      lookAt: lookAgainAt(found, decision, settled, now),
      endsAt: works ? endsAt : null,
    },
    known: decision.known,
    deliveries: product
      ? decision.tellings.map((telling) => deliveryOf({ ...idOf(found), product }, telling, now))
      : [],
  };
}

/** A rebuild goes through everything that ever was; nobody is to be told of it a second time. */
const isOfThePast = ({ revisions }: ProviderFacts, before: DueLook): boolean =>
  before.revisions.some((seen, index) => revisions[index]! < seen);

function lookAgainAt(found: ProviderFacts, decision: Decision, settled: boolean, now: Date): Date | null {
  const change = found.product ? nextChange(found.facets, spans, now, found.viewAt) : null;
  const anyway = settled ? null : new Date(now.getTime() + atLeastEvery);
  const isRemembered = decision.known.some(({ clearedAt }) => clearedAt !== null);
  const forgetting = isRemembered ? new Date(now.getTime() + remembered) : null;
  return [decision.lookAgainAt, anyway, forgetting].reduce(earlier, change);
}

async function keepLooks(manager: EntityManager, looks: Look[]): Promise<void> {
  await manager.query(
    `UPDATE provider_looks AS kept
        SET product = r.product, status = r.status, look_at = r."lookAt", settled = r.settled, ends_at = r."endsAt",
            revisions = r.revisions
       FROM jsonb_to_recordset($1::jsonb)
            AS r("tenantId" text, "providerId" text, product text, status text, "lookAt" timestamptz, settled boolean,
                 "endsAt" timestamptz, revisions integer[])
      WHERE kept.tenant_id = r."tenantId" AND kept.provider_id = r."providerId"`,
    [JSON.stringify(looks)],
  );
}

async function lookLater(manager: EntityManager, waiting: ProviderId[], at: Date): Promise<void> {
  if (waiting.length === 0) return;
  await manager.query(
    `UPDATE provider_looks SET look_at = $3
      WHERE (tenant_id, provider_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [waiting.map(({ tenantId }) => tenantId), waiting.map(({ providerId }) => providerId), at],
  );
}

const idOf = ({ tenantId, providerId }: ProviderId): ProviderId => ({ tenantId, providerId });
const keyOf = ({ tenantId, providerId }: ProviderId): string => JSON.stringify([tenantId, providerId]);
