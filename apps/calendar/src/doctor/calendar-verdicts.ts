import { found, type Finding } from '#contracts/diagnosis';
import { problem } from '#problems/problem';
import { minutes } from '#time/clock';
import type { CalendarResult, ListedCalendar } from '../calendar-api/calendar-result.js';
import {
  calendarIn,
  type Channel,
  type KeptCalendar,
  type PresentProvider,
} from '../provider/provider-state.js';

/** What Google lists for the account, held against the choice. */
export function listFindings(
  { settings, chosen }: PresentProvider,
  listed: CalendarResult<ListedCalendar[]>,
): Finding[] {
  const asked = 'GET users/me/calendarList';
  if (!listed.ok)
    return [found.fail('calendar.readable', asked, `Refused: ${listed.problem.code}.`, listed.problem)];
  const calendars = listed.value;
  const gone = chosen.filter(({ calendarId }) => !calendars.some((one) => one.calendarId === calendarId));
  return [
    found.pass('calendar.readable', asked, `Google lists ${calendars.length} calendar(s).`),
    accountFinding(settings.account, calendars, asked),
    gone.length === 0
      ? found.pass('calendar.visible', asked, 'Each chosen calendar is in the list.')
      : found.fail(
          'calendar.visible',
          asked,
          `Not in the list: ${gone.map(({ summary }) => summary).join(', ')}.`,
          problem('calendar.gone', { calendarId: gone[0]!.calendarId }),
        ),
  ];
}

/** An account's primary calendar bears its address. */
function accountFinding(expectedAccount: string, calendars: ListedCalendar[], asked: string): Finding {
  const check = 'calendar.account';
  const account = calendars.find(({ primary }) => primary)?.calendarId;
  if (account === undefined) return found.unknown(check, asked, 'Google names no primary calendar.');
  return account.toLowerCase() === expectedAccount.toLowerCase()
    ? found.pass(check, asked, 'The primary calendar is that of this connection’s account.')
    : found.fail(
        check,
        asked,
        'The primary calendar is that of another account.',
        problem('authorization.wrong-account', { account, expectedAccount }),
      );
}

export interface Recorded {
  state: PresentProvider;
  /** When each calendar was last compared to its end. */
  syncedAt: ReadonlyMap<string, string>;
  /** Where Google is asked to notify; null: nowhere that it would take. */
  endpoint: string | null;
}

/** What is recorded of the chosen calendars. Google cannot be asked which channels there are. */
export function recordedFindings({ state, syncedAt, endpoint }: Recorded, now: Date): Finding[] {
  const kept = state.chosen.map(({ calendarId, summary }) => ({
    calendarId,
    summary,
    calendar: calendarIn(state, calendarId),
    syncedAt: syncedAt.get(calendarId) ?? null,
  }));
  return [
    kept.length > 0
      ? found.pass('calendar.chosen', 'Which calendars are chosen?', `${kept.length}.`)
      : found.warn(
          'calendar.chosen',
          'Which calendars are chosen?',
          'None.',
          problem('calendar-provider.nothing-chosen'),
        ),
    ...(kept.length > 0
      ? [channelsFinding(kept, endpoint, now), firstNotificationFinding(kept, now), readingFinding(kept)]
      : (['calendar.channels', 'calendar.first-notification', 'calendar.reading'] as const).map((check) =>
          found.unneeded(check, 'No calendar is chosen.'),
        )),
    state.paused === null
      ? found.pass('calendar.paused', 'Are they paused?', 'No.')
      : found.warn(
          'calendar.paused',
          'Are they paused?',
          `Yes (${state.paused}).`,
          problem('calendar-provider.paused'),
        ),
  ];
}

interface Kept {
  calendarId: string;
  summary: string;
  calendar: KeptCalendar;
  syncedAt: string | null;
}

const openChannel = ({ channels }: KeptCalendar, now: Date): Channel | undefined =>
  channels.findLast(({ opened }) => opened !== null && Date.parse(opened.expiresAt) > now.getTime());

const named = (kept: Kept[]): string => kept.map(({ summary }) => summary).join(', ');

function channelsFinding(kept: Kept[], endpoint: string | null, now: Date): Finding {
  const check = 'calendar.channels';
  const asked = 'What was Google’s last answer about the channels?';
  const watched = kept.filter(({ calendar }) => calendar.mode !== 'polling');
  const failing = kept.find(({ calendar }) => calendar.failure !== null);
  const dead = watched.filter(({ calendar }) => !openChannel(calendar, now));
  if (failing && dead.includes(failing))
    return found.fail(
      check,
      asked,
      `${failing.summary}: ${failing.calendar.failure!.problem.code}.`,
      failing.calendar.failure!.problem,
    );
  if (dead.length > 0)
    return found.warn(
      check,
      asked,
      `No channel lives for ${named(dead)}; compared every 10 to 15 minutes meanwhile.`,
      problem('calendar.channel-missing', { calendars: named(dead) }),
    );
  const polled = kept.find(({ calendar }) => calendar.polledBecause !== null);
  if (polled)
    return found.warn(
      check,
      asked,
      `${polled.summary} is compared every 10 to 15 minutes instead: ${polled.calendar.polledBecause}.`,
      problem(polled.calendar.polledBecause!, endpoint === null ? {} : { endpoint }),
    );
  return found.pass(check, asked, `A channel lives for each: ${named(kept)}.`);
}

/** Google loses a few notifications. */
const proofWithin = minutes(10);

function firstNotificationFinding(kept: Kept[], now: Date): Finding {
  const check = 'calendar.first-notification';
  const asked = 'Has a notification come for each calendar that Google watches?';
  const watched = kept.filter(({ calendar }) => calendar.mode === 'push');
  if (watched.length === 0) return found.unneeded(check, 'None of the calendars is watched.');
  const unproven = watched.filter(({ calendar }) => !calendar.proven);
  if (unproven.length === 0) return found.pass(check, asked, 'Yes.');
  const since = unproven
    .flatMap(({ calendar }) => calendar.channels.map(({ opened }) => opened?.at ?? now.toISOString()))
    .toSorted()[0];
  const overdue = since !== undefined && now.getTime() - Date.parse(since) >= proofWithin;
  return overdue
    ? found.fail(check, asked, `Not for ${named(unproven)}.`, problem('calendar.no-first-notification'))
    : found.unknown(check, asked, `Not yet for ${named(unproven)}; it may take some minutes.`);
}

function readingFinding(kept: Kept[]): Finding {
  const check = 'calendar.reading';
  const asked = 'When was each calendar compared?';
  const failing = kept.find(({ calendar }) => calendar.syncFailing !== null);
  if (failing) {
    const trouble = problem(failing.calendar.syncFailing!, { calendarId: failing.calendarId });
    return found.fail(check, asked, `${failing.summary} cannot be read: ${trouble.code}.`, trouble);
  }
  const never = kept.filter(({ syncedAt }) => syncedAt === null);
  return never.length > 0
    ? found.unknown(check, asked, `Not yet: ${named(never)}.`)
    : found.pass(check, asked, kept.map(({ summary, syncedAt }) => `${summary} at ${syncedAt}`).join('; '));
}
