import { problem } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import {
  deriveCalendarStatus,
  calendarSpans,
  type CalendarFacets,
} from '../calendar/derive-calendar-status.js';
import { deriveStatus, statusSpans, type Facets } from '../status/derive-status.js';
import { nextChange } from './next-change.js';
import { tellOfEndBefore, viewOfCalendars, viewOfMailbox, type ProviderView } from './problems-to-tell.js';

const start = Date.parse('2026-11-23T12:00:00.000Z');
const at = (ms: number): string => new Date(start + ms).toISOString();
const spans = [0, -tellOfEndBefore, ...statusSpans, ...calendarSpans];

/** Small and seeded, so that a failure can be told again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

const sometime = (random: () => number): string => at((random() - 0.7) * days(2));
const orNull = <Value>(random: () => number, make: () => Value): Value | null =>
  random() < 0.5 ? null : make();

function someTrouble(random: () => number, codes: Parameters<typeof problem>[0][]) {
  return {
    problem: problem(codes[Math.floor(random() * codes.length)]!),
    since: sometime(random),
    attempt: 1,
    retryAt: orNull(random, () => sometime(random)),
  };
}

function grantIn(random: () => number): Facets['grant'] {
  return {
    product: 'gmail',
    permission:
      random() < 0.8
        ? {
            account: 'a@b.example',
            since: sometime(random),
            expiresAt: orNull(random, () => at(random() * days(6) - days(1))),
            limitedBy: 'testing',
          }
        : null,
    ended: orNull(random, () => ({ problem: problem('authorization.revoked'), since: sometime(random) })),
    refused: orNull(random, () =>
      someTrouble(random, ['google.sign-in-unavailable', 'oauth-client.secret-refused']),
    ),
    startedAt: orNull(random, () => sometime(random)),
    attemptFailed: null,
  };
}

function mailboxIn(random: () => number): Facets {
  const startedAt = sometime(random);
  return {
    mailbox: {
      ...{ name: 'n', address: 'a@b.example', filter: { labels: [], include: [] } },
      defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
      addedAt: sometime(random),
      watch: orNull(random, () => ({
        topic: 't',
        startedAt,
        renewedAt: random() < 0.5 ? startedAt : sometime(random),
        expiresAt: at((random() - 0.2) * days(1)),
      })),
      watchTrouble: orNull(random, () =>
        someTrouble(random, ['gmail.unavailable', 'gmail.publisher-grant-missing', 'gmail.api-disabled']),
      ),
      provenAt: orNull(random, () => sometime(random)),
      missed: null,
      syncTrouble: orNull(random, () => someTrouble(random, ['gmail.unavailable', 'gmail.api-disabled'])),
      ...{ gapSince: null, gapLeft: null, paused: null, disconnected: null, removed: false },
    },
    grant: grantIn(random),
    app: { stored: true, projectId: 'p', provisioning: 'key', since: sometime(random) },
    topic: {
      provisioned: { projectId: 'p', subscription: 's', endpoint: 'e', mode: 'key' },
      trouble: orNull(random, () => someTrouble(random, ['pubsub.unavailable', 'pubsub.permission-denied'])),
    },
    activity: orNull(random, () => ({
      lastPushAt: orNull(random, () => sometime(random)),
      lastSyncAt: orNull(random, () => sometime(random)),
      parked: 0,
    })),
  };
}

function calendarIn(random: () => number): CalendarFacets {
  const calendars = Array.from({ length: 2 }, (_, index) => ({
    ...{ calendarId: `c${index}`, summary: 'c', timeZone: 'UTC', primary: false, accessRole: 'owner' },
    mode: random() < 0.8 ? ('push' as const) : ('polling' as const),
    polledBecause: null,
    channel: orNull(random, () => ({
      channelId: 'x',
      openedAt: sometime(random),
      expiresAt: at((random() - 0.2) * days(1)),
    })),
    channelTrouble: orNull(random, () =>
      someTrouble(random, ['calendar.unavailable', 'calendar.api-disabled']),
    ),
    provenAt: orNull(random, () => sometime(random)),
    unprovenSince: orNull(random, () => sometime(random)),
    firstSyncedAt: orNull(random, () => sometime(random)),
    syncTrouble: orNull(random, () => someTrouble(random, ['calendar.unavailable'])),
    ...{ lost: null, gapSince: null, chosenAt: at(0) },
  }));
  return {
    calendar: {
      ...{ name: 'n', userId: 'u', account: 'a@b.example', syncDirection: 'from_external' as never },
      ...{ addedAt: sometime(random), calendars, paused: null, disconnected: null, removed: false },
    },
    grant: grantIn(random),
    app: { stored: true, projectId: 'p', provisioning: 'key', since: sometime(random) },
    activity: {},
  };
}

const shown = ({ status, problems }: ProviderView): string =>
  JSON.stringify([status, problems.map(({ severity, problem: { code } }) => [severity, code])]);

describe('the next moment at which a status changes by time alone', () => {
  it.each(['mailbox', 'calendar'])('is never too late, whatever is known of a %s', (kind) => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const facets = kind === 'mailbox' ? mailboxIn(random) : calendarIn(random);
      const viewAt = (now: Date): ProviderView =>
        kind === 'mailbox'
          ? viewOfMailbox(deriveStatus(facets as Facets, now), now)
          : viewOfCalendars(deriveCalendarStatus(facets as CalendarFacets, now), now);
      const now = new Date(start);
      const next = nextChange(facets, spans, now, viewAt);
      const until = next?.getTime() ?? start + days(10);
      for (let probe = 0; probe < 40; probe++) {
        const between = new Date(start + random() * (until - start - 1));
        expect([seed, between, shown(viewAt(between))]).toEqual([seed, between, shown(viewAt(now))]);
      }
      if (next) expect(shown(viewAt(next))).not.toBe(shown(viewAt(now)));
    }
  });

  it('is when the watch ends, for a mailbox that works', () => {
    const view = (status: 'connected' | 'error'): ProviderView => ({ status, problems: [] });
    const expiresAt = at(hours(3));
    const viewAt = (now: Date): ProviderView => view(now.toISOString() < expiresAt ? 'connected' : 'error');
    const facets = { watch: { expiresAt, renewedAt: at(-minutes(5)) }, name: '2026' };
    expect(nextChange(facets, [0, minutes(30)], new Date(start), viewAt)).toEqual(new Date(expiresAt));
    expect(nextChange({ name: 'x' }, [0], new Date(start), viewAt)).toBeNull();
  });
});
