import { z } from 'zod';
import { instant } from '../state/forms.js';
import type { Channel } from './channels.js';
import { calendarEvent } from './event.js';
import { ACCESS_ROLES, type GoogleCalendar } from './google-calendar.js';

const savedCalendar = z.object({
  id: z.string(),
  owner: z.string(),
  summary: z.string(),
  timeZone: z.string(),
  primaryOf: z.string().exactOptional(),
  unwatchable: z.boolean(),
  gone: z.boolean(),
  tokensInvalidBefore: z.number(),
  events: z.array(calendarEvent),
  vanishedInstances: z.array(calendarEvent),
  members: z.array(
    z.object({
      sub: z.string(),
      accessRole: z.enum(ACCESS_ROLES),
      hidden: z.boolean(),
      gone: z.boolean(),
      change: z.number(),
    }),
  ),
});
export type SavedCalendar = z.output<typeof savedCalendar>;
export const savedCalendars = z.array(savedCalendar);

export const savedChannel = z.object({
  id: z.string(),
  projectId: z.string(),
  clientId: z.string(),
  sub: z.string(),
  calendarId: z.string(),
  resourceId: z.string(),
  address: z.string(),
  token: z.string().exactOptional(),
  expiration: instant,
  endsAt: instant,
  messageNumber: z.number(),
}) satisfies z.ZodType<Channel>;

export function calendarSnapshot(calendar: GoogleCalendar): SavedCalendar {
  const { id, owner, summary, timeZone, primaryOf, unwatchable, gone, tokensInvalidBefore } = calendar;
  return {
    id,
    owner,
    summary,
    timeZone,
    ...(primaryOf !== undefined && { primaryOf }),
    unwatchable,
    gone,
    tokensInvalidBefore,
    events: [...calendar.events.values()],
    vanishedInstances: [...calendar.vanishedInstances.values()],
    members: [...calendar.members].map(([sub, member]) => ({ sub, ...member })),
  };
}
