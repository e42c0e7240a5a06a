import type { CalendarEvent, ChosenCalendar } from '#contracts/calendar';
import { scenariosOf } from '#event-sourcing/scenarios';
import {
  providerDecider,
  type CalendarProvider as Provider,
  type ProviderCommand,
} from './provider.decider.js';
import type { TimedCalendarEvent } from './provider-state.js';
import type { ResetCalendarProvider } from './resetting.js';

const { given } = scenariosOf<Provider>(providerDecider);

const at = (event: CalendarEvent, time: string): TimedCalendarEvent => ({
  ...event,
  metadata: { at: `2026-03-01T${time}.000Z` },
});
const grantedAt = '2026-03-01T07:00:00.000Z';
const settings = {
  name: 'Tina',
  userId: 'u1',
  account: 'tina@acme.example',
  syncDirection: 'bidirectional' as const,
};
const added: CalendarEvent = { type: 'CalendarProviderAdded', data: settings };
const team: ChosenCalendar = {
  calendarId: 'team',
  summary: 'Team',
  timeZone: 'Europe/Berlin',
  primary: false,
  accessRole: 'owner',
};
const chosen: CalendarEvent = { type: 'CalendarsChosen', data: { calendars: [team] } };
const requested: CalendarEvent = {
  type: 'ChannelRequested',
  data: { calendarId: 'team', channelId: 'k1', tokenHash: 'h', address: 'https://psa.example.com/x' },
};
const closed: CalendarEvent = {
  type: 'ChannelClosed',
  data: { calendarId: 'team', channelId: 'k1', reason: 'spring', stopped: false },
};
const wasReset = (channelsStopped: number, channelsLeft: number): CalendarEvent => ({
  type: 'Reset',
  data: { reason: 'spring', channelsStopped, channelsLeft },
});
const reset = (change: Partial<ResetCalendarProvider> = {}): ProviderCommand => ({
  type: 'ResetCalendarProvider',
  reason: 'spring',
  stopped: 0,
  givenUp: 0,
  grantedAt,
  soughtAt: grantedAt,
  ...change,
});

describe('resetting a calendar provider', () => {
  it('tells which channels were stopped and which are left to end by themselves', () => {
    given(added, chosen, requested)
      .when(reset({ stopped: 2, givenUp: 1 }))
      .then(closed, wasReset(2, 2));
  });

  it('is done once, and again when a consent was sought since', () => {
    const beginning = [added, chosen, at(wasReset(1, 0), '07:30:00')];
    given(...beginning)
      .when(reset())
      .then();
    given(...beginning)
      .when(reset({ soughtAt: '2026-03-01T07:40:00.000Z' }))
      .then(wasReset(0, 0));
  });

  it('works on what was only disconnected, and on what never was connected', () => {
    given(added, at({ type: 'Disconnected', data: { reason: 'x' } }, '07:30:00'))
      .when(reset())
      .then(wasReset(0, 0));
    given(added)
      .when(reset({ grantedAt: null, soughtAt: null }))
      .then(wasReset(0, 0));
    given().when(reset()).thenRejected('calendar-provider.not-found');
  });

  it('keeps the choice and ends a pause', () => {
    given(added, chosen, { type: 'Paused', data: { reason: 'manual' } })
      .when(reset())
      .thenState({
        status: 'present',
        settings,
        chosen: [team],
        calendars: {
          team: {
            chosen: true,
            mode: 'undecided',
            polledBecause: null,
            channels: [],
            resourceId: null,
            proven: false,
            unprovenOpenings: 0,
            firstSynced: false,
            lost: false,
            failure: null,
            syncFailing: null,
          },
        },
        paused: null,
        disconnectedAt: '1970-01-01T00:00:00.000Z',
        reset: true,
        formerCalendarId: null,
      });
  });

  it('lets no channel be opened by the permission of before', () => {
    given(added, chosen, at(wasReset(0, 0), '07:30:00'))
      .when({
        type: 'RequestChannel',
        purpose: 'open',
        calendarId: 'team',
        channelId: 'k2',
        tokenHash: 'h',
        address: { url: 'https://psa.example.com/x' },
        grantedAt,
      })
      .thenRejected('calendar-provider.not-connected');
  });
});

describe('taking a calendar provider over', () => {
  const taken: ProviderCommand = {
    type: 'ImportCalendarProvider',
    ...settings,
    importedFrom: 'the list',
    calendarId: 'team',
    paused: null,
  };

  it('remembers which calendar was kept until something is chosen', () => {
    given()
      .when(taken)
      .then({
        type: 'CalendarProviderAdded',
        data: { ...settings, importedFrom: 'the list', formerCalendarId: 'team' },
      });
  });

  it('changes nothing of what is here, and brings nothing back', () => {
    given(added)
      .when({ ...taken, name: 'Another' })
      .then();
    given(added, { type: 'Removed', data: { reason: 'x' } })
      .when(taken)
      .then();
  });
});
