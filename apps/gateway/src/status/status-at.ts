import { z } from 'zod';
import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import { problem, type Problem } from '#problems/problem';
import { calendarAfter, type CalendarFacet } from '../calendar/calendar-facet.js';
import { type CalendarProviderStatus, deriveCalendarStatus } from '../calendar/derive-calendar-status.js';
import { deriveStatus } from './derive-status.js';
import { mailboxAfter } from './mailbox-facet.js';
import type { ProviderStatus } from './provider-status.js';
import { appAfter, grantAfter, topicAfter } from './tenant-facets.js';

export const ofMoment = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: 'has to be an instant such as 2026-11-23T12:00:00Z' })
    .optional()
    .describe('A past moment; without it, now.'),
});

export const asOf = z.object({
  asOf: z.iso.datetime().describe('The moment that this is about.'),
  activityKnown: z
    .boolean()
    .describe(
      'False for the past: when a provider was notified and read last is only known of the present, so those times are null and their silence counts as nothing.',
    ),
});

export const asOfNow = (now: Date) => ({ asOf: now.toISOString(), activityKnown: true });
export const asOfPast = (at: Date) => ({ asOf: at.toISOString(), activityKnown: false });

/** Which moment is asked about; null for the present. */
export function momentOf(
  { at }: z.infer<typeof ofMoment>,
  now: Date,
): { at: Date } | { problem: Problem } | null {
  if (at === undefined) return null;
  const moment = new Date(at);
  if (moment <= now) return { at: moment };
  const detail = `at: lies in the future, of which nothing is known; it is ${now.toISOString()} now.`;
  return { problem: problem('request.invalid', { detail }) };
}

/** `absent`: there never was such a provider, or it was gone by then. */
export type StatusThen<Status> = Status | 'absent' | NotYet;
type NotYet = { notYet: true; problem: Problem };

/** How a mailbox was, from its events up to then and by the same rules as now. */
export async function mailboxStatusAt(
  store: EventStore,
  tenantId: string,
  providerId: string,
  at: Date,
): Promise<StatusThen<ProviderStatus>> {
  const [ofMailbox, ofGrant, ofApp, ofTopic] = await Promise.all([
    store.readStream(streamName('mailbox', tenantId, providerId)),
    store.readStream(streamName('grant', tenantId, providerId)),
    store.readStream(streamName('googleApp', tenantId)),
    store.readStream(streamName('topic', tenantId)),
  ]);
  const mailbox = foldedUntil(at, ofMailbox, mailboxAfter);
  if (!mailbox) return before(ofMailbox);
  if (mailbox.removed) return 'absent';
  const grant = foldedUntil(at, ofGrant, grantAfter);
  const app = foldedUntil(at, ofApp, appAfter);
  const topic = foldedUntil(at, ofTopic, topicAfter);
  return deriveStatus({ mailbox, grant, app, topic, activity: null, activityUnknown: true }, at);
}

/** The same of a calendar provider, with the facet that says whose it was. */
export async function calendarStatusAt(
  store: EventStore,
  tenantId: string,
  providerId: string,
  at: Date,
): Promise<StatusThen<{ calendar: CalendarFacet; status: CalendarProviderStatus }>> {
  const [ofCalendar, ofGrant, ofApp] = await Promise.all([
    store.readStream(streamName('calendar', tenantId, providerId)),
    store.readStream(streamName('grant', tenantId, providerId)),
    store.readStream(streamName('googleApp', tenantId)),
  ]);
  const calendar = foldedUntil(at, ofCalendar, calendarAfter);
  if (!calendar) return before(ofCalendar);
  if (calendar.removed) return 'absent';
  const grant = foldedUntil(at, ofGrant, grantAfter);
  const app = foldedUntil(at, ofApp, appAfter);
  const facets = { calendar, grant, app, activity: {}, activityUnknown: true } as const;
  return { calendar, status: deriveCalendarStatus(facets, at) };
}

/** A stream is cut at its first event from after that moment, so that it is never folded with a hole in it. */
function foldedUntil<Facet>(
  at: Date,
  events: RecordedEvent[],
  after: (facet: Facet | null, event: RecordedEvent) => Facet,
): Facet | null {
  const end = events.findIndex(({ metadata }) => Date.parse(metadata.at) > at.getTime());
  return events.slice(0, end < 0 ? undefined : end).reduce<Facet | null>(after, null);
}

function before([first]: RecordedEvent[]): 'absent' | NotYet {
  if (!first) return 'absent';
  const detail = `at: is before this provider was added, at ${first.metadata.at}; give that moment or a later one.`;
  return { notYet: true, problem: problem('request.invalid', { detail }) };
}
