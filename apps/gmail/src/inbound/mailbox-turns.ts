import { describeProblem, type Problem } from '#problems/problem';
import { hours, seconds } from '#time/clock';
import { postponeParked } from './parked-messages.js';
import { tellActivity } from './activity.js';
import type { MailboxId } from './cursor.js';
import type { ReadingMeans } from './reading-means.js';
import { keyOf, unexpected, type Stop } from './read-messages.js';
import { isToBeTold, lookAgainAfter, lookBehindAfter, syncAgainAfter } from './sync-backoff.js';
import { isAhead, openMailbox, takeTurn, tell, type Open, type TurnEnd } from './take-turn.js';
import { forgetUnannounced, missingSince } from './unannounced-arrivals.js';
import type { WantedSync } from './wanted-syncs.js';

/** So many mailboxes are read at the same time in one process. */
const mailboxesAtOnce = 8;
/** Of one tenant never all: where Google does not answer, each mailbox holds its place for half a minute, which is none of the others' business. */
const ofTenantAtOnce = 6;
/** What another replica has written, and what becomes due by time, is found by looking. */
const lookEveryMs = 500;
/** Another replica reads it: it is not asked for again at once. */
const busyElsewhereMs = seconds(1);

/** How often a notification for a mailbox without a watch is looked at again. */
const earlyLooks = 3;

/** How long parked messages wait when their mailbox cannot be read. */
const parkedWaitMs = hours(1);

export const lockOf = ({ tenantId, providerId }: MailboxId): string => `mailbox:${tenantId}:${providerId}`;

/** Gives mailboxes their turns, those that wait longest first, until the signal aborts. */
export class MailboxTurns {
  private readonly atWork = new Map<string, { id: MailboxId; turn: Promise<void> }>();
  private readonly elsewhere = new Map<string, { id: MailboxId; until: number }>();

  constructor(private readonly means: ReadingMeans) {}

  async run(signal: AbortSignal): Promise<void> {
    const { wanted, clock, logger } = this.means;
    const stopListening = clock.onMoved(() => wanted.bell.ring());
    while (!signal.aborted) {
      const heard = wanted.bell.count;
      let begun = 0;
      try {
        begun = await this.begin(signal);
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'the mailboxes to read cannot be looked up');
      }
      if (begun === 0)
        await wanted.bell.rungSince(heard, AbortSignal.any([signal, AbortSignal.timeout(lookEveryMs)]));
    }
    stopListening();
    await Promise.all([...this.atWork.values()].map(({ turn }) => turn));
  }

  private async begin(signal: AbortSignal): Promise<number> {
    const free = mailboxesAtOnce - this.atWork.size;
    if (free <= 0) return 0;
    const now = performance.now();
    for (const [key, { until }] of this.elsewhere) if (until <= now) this.elsewhere.delete(key);
    const except = [...this.atWork.values(), ...this.elsewhere.values()].map(({ id }) => id);
    const ofTenants = Map.groupBy(this.atWork.values(), ({ id }) => id.tenantId);
    const placesOf = (tenantId: string): number => ofTenantAtOnce - (ofTenants.get(tenantId)?.length ?? 0);
    const full = [...ofTenants.keys()].filter((tenantId) => placesOf(tenantId) <= 0);
    const found = await this.means.wanted.due(free, except, full);
    const due = [...Map.groupBy(found, ({ tenantId }) => tenantId)].flatMap(([tenantId, ids]) =>
      ids.slice(0, placesOf(tenantId)),
    );
    for (const id of due) {
      const key = keyOf(id);
      const turn = this.turnOf(id, signal).finally(() => {
        this.atWork.delete(key);
        this.means.wanted.bell.ring();
      });
      this.atWork.set(key, { id, turn });
    }
    return due.length;
  }

  private async turnOf(id: MailboxId, signal: AbortSignal): Promise<void> {
    const { locks, logger } = this.means;
    const { tenantId, providerId } = id;
    const waitElsewhere = (): unknown =>
      this.elsewhere.set(keyOf(id), { id, until: performance.now() + busyElsewhereMs });
    try {
      const outcome = await locks.exclusively(
        lockOf(id),
        (lost) => oneTurn(this.means, id, AbortSignal.any([signal, lost])),
        { wait: false },
      );
      if (!outcome.acquired) waitElsewhere();
    } catch (error) {
      waitElsewhere();
      if (!signal.aborted)
        logger.warn({ tenantId, providerId, err: error }, 'a turn of a mailbox ended; it is taken again');
    }
  }
}

/** The mailbox's turn and what follows from its end. Rejects when that could not be recorded: then the turn is taken again. */
async function oneTurn(means: ReadingMeans, id: MailboxId, signal: AbortSignal): Promise<void> {
  const { wanted, database, clock, logger } = means;
  const wish = await wanted.read(id);
  const open = await openMailbox(means, id);
  const end = await takeTurn(means, open, wish, signal).catch((error: unknown): Stop => {
    // The process ends, or somebody else reads the mailbox: nothing is wrong with it.
    signal.throwIfAborted();
    const { tenantId, providerId } = id;
    logger.error(
      { tenantId, providerId, correlationId: open.origin.correlationId, err: error },
      'reading failed',
    );
    return { kind: 'failed', problem: unexpected(open.origin.correlationId) };
  });
  signal.throwIfAborted();
  if (!wish) {
    if (end.kind !== 'read' && end.kind !== 'more')
      await postponeParked(database, id, {
        now: clock.now(),
        byMs: end.kind === 'wait' ? end.byMs : parkedWaitMs,
      });
    return tellActivity(means, id);
  }
  const { failures, looks } = wish;
  switch (end.kind) {
    case 'unreadable': {
      // A watch's own first notification may be here before the watch is recorded, and is the proof of it.
      const isEarly =
        wish.pushedHistoryId !== null && open.state.status === 'unwatched' && looks < earlyLooks;
      const again = isEarly ? lookAgainAfter(looks) : null;
      // Whatever makes it readable again asks for a sync.
      if (again === null) return wanted.fulfil(database, wish);
      await wanted.postpone(wish, { byMs: again, failures: 0, looks: looks + 1 });
      return;
    }
    case 'more':
      await wanted.postpone(wish, { byMs: 0, failures: 0, looks });
      return;
    case 'wait':
      await wanted.postpone(wish, { byMs: end.byMs, failures: 0, looks });
      return;
    case 'failed':
      return failed(means, open, wish, end);
    case 'read': {
      await tell(means, open, { type: 'NoteSyncRecovered' });
      if (end.historyId !== null) await noticeMissingNotifications(means, open, wish, end);
      const isEarly = end.historyId !== null && isAhead(wish.pushedHistoryId, end.historyId);
      const again = isEarly ? lookAgainAfter(looks) : null;
      if (again !== null) await wanted.postpone(wish, { byMs: again, failures: 0, looks: looks + 1 });
      else if (isToLookBehind(wish, end)) await wanted.lookBehind(wish, lookBehindAfter);
      else await wanted.fulfil(database, wish);
      if (end.historyId !== null || failures > 0) await tellActivity(means, id, { read: true });
      else await tellActivity(means, id);
    }
  }
}

/** What nobody announced was read a moment ago; now it is told, once, that notifications are missing. */
async function noticeMissingNotifications(
  means: ReadingMeans,
  open: Open,
  { asked, pushedHistoryId }: WantedSync,
  { historyId, arrivals = null }: Extract<TurnEnd, { kind: 'read' }>,
): Promise<void> {
  const byComparison = asked && pushedHistoryId === null;
  const missing = await missingSince(means, open.id, open.state, byComparison ? arrivals : null);
  if (!missing) return;
  await tell(means, open, { type: 'NoteNotificationMissing', from: missing.from, to: historyId! });
  await forgetUnannounced(means.database, open.id);
}

/** Behind every notification, and again while that brings news. */
const isToLookBehind = (
  { pushedHistoryId, asked }: WantedSync,
  { news }: Extract<TurnEnd, { kind: 'read' }>,
): boolean => pushedHistoryId !== null && (news || !asked);

async function failed(
  means: ReadingMeans,
  open: Open,
  wish: WantedSync,
  failure: { problem: Problem; retryAfterMs?: number },
): Promise<void> {
  const failures = wish.failures + 1;
  const byMs = syncAgainAfter(failure, failures, Math.random());
  const retryAt = await means.wanted.postpone(wish, { byMs, failures, looks: wish.looks });
  const { problem } = failure;
  means.logger.warn(
    {
      ...open.id,
      correlationId: open.origin.correlationId,
      problem: problem.code,
      ...{ failures, retryAt, reason: describeProblem(problem).sentence },
    },
    'a mailbox could not be read',
  );
  if (isToBeTold(problem, failures))
    await tell(means, open, {
      type: 'NoteSyncFailed',
      problem,
      attempt: failures,
      retryAt: retryAt.toISOString(),
    });
  await tellActivity(means, open.id);
}
