import { describeProblem, problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { proveNotification } from '../channels/prove-notification.js';
import { tellActivity } from './activity.js';
import { keyOf, lockOf, type CalendarKey } from './calendar-key.js';
import type { Failed } from './read-calendar.js';
import { isToBeTold, syncAgainAfter } from './sync-backoff.js';
import type { SyncMeans } from './sync-means.js';
import { openCalendar, takeTurn, tell, type Open } from './take-turn.js';
import { forgetUnannounced, missingSince } from './unannounced-changes.js';
import type { WantedSync } from './wanted-syncs.js';

/** So many calendars are read at the same time in one process. */
const calendarsAtOnce = 8;
/** Of one tenant never all: where Google does not answer, each calendar holds its place for half a minute, which is none of the others' business. */
const ofTenantAtOnce = 6;
/** What another replica has written, and what becomes due by time, is found by looking. */
const lookEveryMs = 500;
/** Another replica reads it: it is not asked for again at once. */
const busyElsewhereMs = seconds(1);

/** Gives calendars their turns, those that wait longest first, until the signal aborts. */
export class CalendarTurns {
  private readonly atWork = new Map<string, { id: CalendarKey; turn: Promise<void> }>();
  private readonly elsewhere = new Map<string, { id: CalendarKey; until: number }>();

  constructor(private readonly means: SyncMeans) {}

  async run(signal: AbortSignal): Promise<void> {
    const { wanted, clock, logger } = this.means;
    const stopListening = clock.onMoved(() => wanted.bell.ring());
    while (!signal.aborted) {
      const heard = wanted.bell.count;
      let begun = 0;
      try {
        begun = await this.begin(signal);
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'the calendars to read cannot be looked up');
      }
      if (begun === 0)
        await wanted.bell.rungSince(heard, AbortSignal.any([signal, AbortSignal.timeout(lookEveryMs)]));
    }
    stopListening();
    await Promise.all([...this.atWork.values()].map(({ turn }) => turn));
  }

  private async begin(signal: AbortSignal): Promise<number> {
    const free = calendarsAtOnce - this.atWork.size;
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

  private async turnOf(id: CalendarKey, signal: AbortSignal): Promise<void> {
    const { locks, logger } = this.means;
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
      const { tenantId, providerId, calendarId } = id;
      if (!signal.aborted)
        logger.warn(
          { tenantId, providerId, calendarId, err: error },
          'a turn of a calendar ended; it is taken again',
        );
    }
  }
}

/** The calendar's turn and what follows from its end. Rejects when that could not be recorded: then the turn is taken again. */
async function oneTurn(means: SyncMeans, calendar: CalendarKey, signal: AbortSignal): Promise<void> {
  const { wanted, logger } = means;
  const wish = await wanted.read(calendar);
  if (!wish) return;
  const open = await openCalendar(means, calendar);
  const { calendarId } = calendar;
  if (wish.notified) await proveNotification(means, calendar, open.origin);
  const end = await takeTurn(means, open, signal).catch((error: unknown): Failed => {
    // The process ends, or somebody else reads the calendar: nothing is wrong with it.
    signal.throwIfAborted();
    const { correlationId } = open.origin;
    const { tenantId, providerId } = calendar;
    logger.error(
      { tenantId, providerId, calendarId, correlationId, err: error },
      'reading a calendar failed',
    );
    return { kind: 'failed', problem: problem('service.failed', { service: 'calendar', correlationId }) };
  });
  signal.throwIfAborted();
  switch (end.kind) {
    case 'unreadable':
      // Whatever makes it readable again asks for a sync.
      return wanted.fulfil(wish);
    case 'more':
      await wanted.postpone(wish, { byMs: end.byMs, failures: 0 });
      return;
    case 'failed':
      return failed(means, open, wish, end);
    case 'read':
      await tell(means, open, { type: 'NoteRead', calendarId });
      await noticeMissingNotifications(means, open, wish, end.changedAfter);
      await tellActivity(means, calendar, { read: true });
      await wanted.fulfil(wish);
  }
}

/** What nobody announced was read a moment ago; now it is told, once, that notifications are missing. */
async function noticeMissingNotifications(
  means: SyncMeans,
  { calendar, notifiesSince, ...open }: Open,
  { notified }: WantedSync,
  changedAfter: Date | null,
): Promise<void> {
  const missing = await missingSince(means, calendar, notifiesSince, notified ? null : changedAfter);
  if (!missing) return;
  const { calendarId } = calendar;
  const from = missing.toISOString();
  await tell(means, { calendar, ...open }, { type: 'NoteNotificationMissing', calendarId, from });
  await forgetUnannounced(means.database, calendar);
}

async function failed(means: SyncMeans, open: Open, wish: WantedSync, failure: Failed): Promise<void> {
  const failures = wish.failures + 1;
  const byMs = syncAgainAfter(failure, failures, Math.random());
  const retryAt = (await means.wanted.postpone(wish, { byMs, failures })).toISOString();
  const { problem } = failure;
  const { tenantId, providerId, calendarId } = open.calendar;
  means.logger.warn(
    {
      tenantId,
      providerId,
      calendarId,
      correlationId: open.origin.correlationId,
      problem: problem.code,
      ...{ failures, retryAt, reason: describeProblem(problem).sentence },
    },
    'a calendar could not be read',
  );
  if (problem.code === 'calendar.gone')
    await tell(means, open, { type: 'NoteCalendarLost', calendarId, problem });
  else if (isToBeTold(problem, failures))
    await tell(means, open, { type: 'NoteSyncFailed', calendarId, problem, attempt: failures, retryAt });
  await tellActivity(means, open.calendar, { read: false });
}
