import { z } from 'zod';
import { chosenCalendar } from '#contracts/calendar';
import { definitionOf, problem } from '#problems/problem';
import { minutes } from '#time/clock';
import {
  endsSoon,
  patienceWithReading,
  patienceWithSetup,
  patienceWithSetupTrouble,
} from '../status/deadlines.js';
import {
  endingPermission,
  type Finding,
  lasts,
  show,
  stillToCome,
  type Verdict,
  withoutApp,
} from '../status/derive-status.js';
import { shownProblem, statusWord } from '../status/provider-status.js';
import { grantSince, refusedNewSecret, type AppFacet, type GrantFacet } from '../status/tenant-facets.js';
import type { CalendarFacet, KeptCalendarFacet } from './calendar-facet.js';

const instant = z.iso.datetime();

export const calendarStatus = chosenCalendar.extend({
  status: statusWord,
  problem: shownProblem.nullable(),
  notices: z.array(shownProblem),
  mode: z
    .enum(['push', 'polling', 'undecided'])
    .describe('push: Google notifies within seconds. polling: compared every 10 to 15 minutes only.'),
  channelExpiresAt: instant.nullable(),
  provenAt: instant.nullable().describe('When the first notification arrived.'),
  firstSyncAt: instant.nullable(),
  lastNotificationAt: instant.nullable(),
  lastSyncAt: instant.nullable(),
});
type CalendarStatus = z.infer<typeof calendarStatus>;

export const calendarProviderStatus = z.object({
  status: statusWord,
  problem: shownProblem.nullable().describe('Why it is not connected; null when it is.'),
  notices: z.array(shownProblem),
  paused: z.boolean(),
  pauseReason: z.string().nullable(),
  pausedAt: instant.nullable(),
  configState: z.enum(['stored', 'missing']),
  tokenState: z.enum(['valid', 'refused', 'lost', 'none']),
  connectedAccount: z.string().nullable(),
  authorizationExpiresAt: instant.nullable(),
  lastSyncAt: instant.nullable(),
  calendars: z.array(calendarStatus),
});
export type CalendarProviderStatus = z.infer<typeof calendarProviderStatus>;

export interface CalendarActivityRow {
  lastNotificationAt: string | null;
  lastSyncAt: string | null;
}

/** All that is known about a calendar provider. */
export interface CalendarFacets {
  calendar: CalendarFacet;
  grant: GrantFacet | null;
  app: AppFacet | null;
  /** By calendar id. */
  activity: Record<string, CalendarActivityRow>;
  /** Of a past moment: silence counts as nothing. */
  activityUnknown?: true;
}

/** So long may the first notification take before somebody has to look; Google loses a few. */
const proofWithin = minutes(10);
/** The ages at which this verdict may change by time alone, besides those that mailboxes know. */
export const calendarSpans = [proofWithin];

/**
 * The one place that says how a calendar provider is: connected only while every chosen calendar is proven, by its first notification or, where it
 * is only compared, by its first complete reading.
 */
export function deriveCalendarStatus(known: CalendarFacets, now: Date): CalendarProviderStatus {
  const facets = { ...known, grant: grantSince(known.grant, known.calendar.resetAt) };
  const { calendar, grant, app, activity } = facets;
  const shown = (one: Finding) => show(stillToCome(one, now), app?.projectId ?? undefined);
  const obstacle = obstacleOf(facets, now);
  const calendars = calendar.calendars.map((kept): CalendarStatus => {
    const { status, finding } = besideObstacle(obstacle, verdictOnCalendar(kept, facets, now));
    const { lastNotificationAt = null, lastSyncAt = null } = activity[kept.calendarId] ?? {};
    const { calendarId, summary, timeZone, primary, accessRole } = kept;
    return {
      ...{ calendarId, summary, timeZone, primary, accessRole },
      status,
      problem: finding && shown(finding),
      notices: noticesOnCalendar(kept, finding ?? obstacle?.finding ?? null).map(shown),
      mode: kept.mode,
      channelExpiresAt: kept.channel?.expiresAt ?? null,
      provenAt: kept.provenAt,
      firstSyncAt: kept.firstSyncedAt,
      lastNotificationAt,
      lastSyncAt,
    };
  });
  const { status, finding } = obstacle ?? verdictOnAll(facets, now);
  const notices = [
    ...endingPermission(grant, now),
    ...refusedNewSecret(app, 'calendar'),
    grant?.attemptFailed,
    grant?.refused,
  ].filter((one) => one != null && one !== finding) as Finding[];
  return {
    status,
    problem: finding && shown(finding),
    notices: notices.map(shown),
    paused: calendar.paused !== null,
    pauseReason: calendar.paused?.reason ?? null,
    pausedAt: calendar.paused?.since ?? null,
    configState: (app?.stored ?? grant?.permission != null) ? 'stored' : 'missing',
    tokenState: grant?.permission ? (grant.refused ? 'refused' : 'valid') : grant?.ended ? 'lost' : 'none',
    connectedAccount: grant?.permission?.account ?? null,
    authorizationExpiresAt: grant?.permission?.expiresAt ?? null,
    lastSyncAt: latest(calendars.map(({ lastSyncAt }) => lastSyncAt)),
    // Nothing that was proven before holds while the whole account stands still.
    calendars: obstacle
      ? calendars.map((one) => (one.status === 'connected' ? { ...one, status } : one))
      : calendars,
  };
}

const latest = (times: (string | null)[]): string | null =>
  times
    .filter((time) => time !== null)
    .toSorted()
    .at(-1) ?? null;

/** What stands in the way of all calendars at once. */
function obstacleOf({ calendar, grant, app }: CalendarFacets, now: Date): Verdict | null {
  const permission = grant?.permission ?? null;
  const error = (finding: Finding): Verdict => ({ status: 'error', finding });
  if (app && !app.stored)
    return withoutApp(grant, {
      problem: problem('google-app.incomplete', { missing: 'everything' }),
      since: app.since,
    });
  const missing = (since: string): Verdict => ({
    status: 'disconnected',
    finding: { problem: problem('authorization.missing'), since },
  });
  if (!permission) {
    if (grant?.ended) return error(grant.ended);
    const connecting = grant?.startedAt != null && now.getTime() - Date.parse(grant.startedAt) < minutes(10);
    if (connecting) return { status: 'configuring', finding: null };
    return missing(calendar.disconnected?.since ?? calendar.addedAt);
  }
  if (grant?.refused && lasts(grant.refused, now)) return error(grant.refused);
  if (calendar.disconnected && calendar.disconnected.since > permission.since)
    return missing(calendar.disconnected.since);
  if (calendar.paused) {
    const { reason, since } = calendar.paused;
    const finding = { problem: problem('calendar-provider.paused'), since };
    return { status: reason === 'auth_failure' ? 'error' : 'disconnected', finding };
  }
  if (calendar.calendars.length === 0)
    return {
      status: 'configuring',
      finding: { problem: problem('calendar-provider.nothing-chosen'), since: permission.since },
    };
  return null;
}

/**
 * What is put down to nobody's doing anything, where nothing is known that prevents it, has its reason in what stands in the way of all; and that is
 * told once, not of each calendar.
 */
function besideObstacle(obstacle: Verdict | null, verdict: Verdict): Verdict {
  const code = verdict.finding?.problem.code;
  if (!obstacle) return verdict;
  const saysNoMore =
    !code || code === obstacle.finding?.problem.code || definitionOf(code).cause === 'inferred';
  return saysNoMore ? { status: obstacle.status, finding: null } : verdict;
}

/** What is wrong with permission or client is told of the account; a calendar that met it stands still until it is read again. */
const isOfTheAccount = (trouble: Finding | null): boolean =>
  trouble !== null && /^(authorization|oauth-client)\./.test(trouble.problem.code);

/** The provider is as good as its worst calendar. */
function verdictOnAll(facets: CalendarFacets, now: Date): Verdict {
  const verdicts = facets.calendar.calendars.map((kept) => verdictOnCalendar(kept, facets, now));
  return (
    verdicts.find(({ status }) => status === 'error') ??
    verdicts.find(({ status }) => status !== 'connected') ?? { status: 'connected', finding: null }
  );
}

function verdictOnCalendar(kept: KeptCalendarFacet, facets: CalendarFacets, now: Date): Verdict {
  const error = (finding: Finding): Verdict => ({ status: 'error', finding });
  if (kept.lost) return error(kept.lost);
  if (isOfTheAccount(kept.syncTrouble)) return { status: 'configuring', finding: null };
  if (kept.syncTrouble && lasts(kept.syncTrouble, now)) return error(kept.syncTrouble);
  // Whoever tells why it cannot read does not stand still.
  const unread = kept.syncTrouble ? null : unreadFor(kept, facets, now);
  if (unread) return error(unread);
  if (kept.mode === 'polling')
    return { status: kept.firstSyncedAt ? 'connected' : 'configuring', finding: kept.syncTrouble };
  if (!kept.channel) return opening(kept, facets, now);
  const ending = endingChannel(kept, now);
  if (ending) return error(ending);
  if (kept.provenAt) return { status: 'connected', finding: null };
  const since = kept.unprovenSince ?? kept.channel.openedAt;
  const overdue = now.getTime() - Date.parse(since) >= proofWithin;
  return overdue
    ? error({ problem: problem('calendar.no-first-notification'), since })
    : { status: 'configuring', finding: unannounced(kept) };
}

/** Since when the calendar was to be kept without a break. */
function keptSince({ chosenAt }: KeptCalendarFacet, { calendar, grant }: CalendarFacets): string {
  const times = [chosenAt, grant?.permission?.since, calendar.resumedAt, calendar.disconnected?.since];
  return latest(times.map((time) => time ?? null))!;
}

/** Whoever reads tells each time that the calendar was read to its end; who stopped tells nothing, so its silence has to. */
function unreadFor(kept: KeptCalendarFacet, facets: CalendarFacets, now: Date): Finding | null {
  if (facets.activityUnknown) return null;
  const read = facets.activity[kept.calendarId]?.lastSyncAt ?? null;
  const since = latest([keptSince(kept, facets), read])!;
  return now.getTime() - Date.parse(since) < patienceWithReading
    ? null
    : { problem: problem('calendar.not-read', { since }), since };
}

/** On the way to a channel. */
function opening(kept: KeptCalendarFacet, facets: CalendarFacets, now: Date): Verdict {
  const { channelTrouble: trouble } = kept;
  if (trouble)
    return {
      status: lasts(trouble, now, patienceWithSetupTrouble) ? 'error' : 'configuring',
      finding: trouble,
    };
  const since = keptSince(kept, facets);
  const stuck = now.getTime() - Date.parse(since) >= patienceWithSetup;
  return stuck
    ? { status: 'error', finding: { problem: problem('calendar.not-watched', { since }), since } }
    : { status: 'configuring', finding: null };
}

/** A channel is renewed before half of its life is over: with little left, either that fails or nobody does it. */
function endingChannel({ channel, channelTrouble }: KeptCalendarFacet, now: Date): Finding | null {
  const { openedAt, expiresAt } = channel!;
  if (!endsSoon({ from: openedAt, expiresAt }, now)) return null;
  return (
    channelTrouble ?? {
      problem: problem('calendar.channel-not-renewed', { expiresAt, openedAt }),
      since: openedAt,
    }
  );
}

const unannounced = ({ unannounced: found }: KeptCalendarFacet): Finding | null =>
  found ? { problem: problem('calendar.pushes-missing', { since: found.since }), since: found.since } : null;

function noticesOnCalendar(kept: KeptCalendarFacet, told: Finding | null): Finding[] {
  const gap = kept.gapSince && { problem: problem('calendar.gap-compared'), since: kept.gapSince };
  return [kept.polledBecause, gap, unannounced(kept), kept.channelTrouble, kept.syncTrouble].filter(
    (one): one is NonNullable<typeof kept.channelTrouble> =>
      one != null && one !== '' && one.problem.code !== told?.problem.code && !isOfTheAccount(one),
  );
}
