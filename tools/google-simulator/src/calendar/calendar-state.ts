import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { QuotaMeter } from '../gmail/quota.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { Channels } from './channels.js';
import { GoogleCalendar, type AccessRole, type Member, type Surroundings } from './google-calendar.js';
import { calendarSnapshot, savedCalendars, savedChannel } from './saved-calendar.js';

export const calendarSettings = z.strictObject({
  /** Of calendars that are created with an account. */
  defaultTimeZone: z.string(),
  /** How long a sync token is good for; Google promises nothing. `updatedMin` reaches back as far. */
  syncTokenLifetimeMs: z.number().positive(),
  requestsPerMinutePerUser: z.number().positive(),
  requestsPerMinutePerProject: z.number().positive(),
  quotaRefusal: z.union([z.literal(403), z.literal(429)]),
  /** Caps `maxResults` of event lists. */
  largestPage: z.number().int().positive(),
  /** So many pages without items, each with a page token, come before the rest of every event list. */
  emptyPagesPerList: z.number().int().nonnegative(),
  /** Whether deleting a series brings tombstones of its exceptions too, or the master's alone. */
  tellOfExceptionsOfDeletedSeries: z.boolean(),
  /** Whether `sync` has been posted, and answered, before the watch call is. */
  syncBeforeAnswer: z.boolean(),
  /** Whether http on this machine may be posted to; false: https only. */
  allowLoopbackPush: z.boolean(),
  /** Ids of projects whose webhook addresses are refused, as if their domain had to be verified. */
  projectsRefusingWebhooks: z.array(z.string()),
  /** However long a channel was asked for. */
  longestChannelMs: z.number().positive(),
  /** How long a stopped channel goes on notifying. */
  trailingAfterStopMs: z.number().nonnegative(),
});
export type CalendarSettings = z.infer<typeof calendarSettings>;

const DAY_MS = 86_400_000;
const defaults: CalendarSettings = {
  defaultTimeZone: 'UTC',
  syncTokenLifetimeMs: 28 * DAY_MS,
  requestsPerMinutePerUser: 600,
  requestsPerMinutePerProject: 10_000,
  quotaRefusal: 403,
  largestPage: 2_500,
  emptyPagesPerList: 0,
  tellOfExceptionsOfDeletedSeries: true,
  syncBeforeAnswer: false,
  allowLoopbackPush: true,
  projectsRefusingWebhooks: [],
  longestChannelMs: 30 * DAY_MS,
  trailingAfterStopMs: 0,
};

export const savedCalendarState = z.object({
  settings: calendarSettings,
  sequence: z.number(),
  calendars: savedCalendars,
  channels: z.array(savedChannel),
});
export type SavedCalendarState = z.output<typeof savedCalendarState>;

/** All calendars, who sees them, and who is told of changes. */
export class CalendarState implements Surroundings {
  readonly settings: CalendarSettings = { ...defaults };
  readonly quota = new QuotaMeter();
  readonly channels: Channels;
  /** By id. */
  readonly calendars = new Map<string, GoogleCalendar>();
  /** The number of the last change of anything. */
  sequence = 0;

  constructor(private readonly world: World) {
    this.channels = new Channels(world);
  }

  now(): Date {
    return this.world.now();
  }

  nextChange(): number {
    this.sequence += 1;
    return this.sequence;
  }

  onChange(calendar: GoogleCalendar): void {
    this.channels.notify(calendar);
  }

  newId(): string {
    return BigInt(`0x${randomBytes(16).toString('hex')}`)
      .toString(32)
      .padStart(26, '0');
  }

  tellOfExceptionsOfDeletedSeries(): boolean {
    return this.settings.tellOfExceptionsOfDeletedSeries;
  }

  /** The account's primary calendar, empty when first asked for; undefined when the account has no Calendar. */
  primaryOf(user: GoogleUser): GoogleCalendar | undefined {
    if (!user.hasCalendar) return undefined;
    const known = [...this.calendars.values()].find(({ primaryOf }) => primaryOf === user.sub);
    if (known) return known;
    const timeZone = this.settings.defaultTimeZone;
    return this.create(user.email, user, { summary: user.email, timeZone, primaryOf: user.sub });
  }

  create(
    id: string,
    owner: GoogleUser,
    seed: { readonly summary: string; readonly timeZone: string; readonly primaryOf?: string },
    accessRole: AccessRole = 'owner',
  ): GoogleCalendar {
    const calendar = new GoogleCalendar(id, owner.email, seed, this);
    this.calendars.set(id, calendar);
    this.share(calendar, owner, accessRole);
    return calendar;
  }

  /** Sync tokens lapse whenever somebody's access changes. */
  share(calendar: GoogleCalendar, user: GoogleUser, accessRole: AccessRole): void {
    calendar.members.set(user.sub, { accessRole, hidden: false, gone: false, change: this.nextChange() });
    calendar.invalidateSyncTokens();
  }

  unshare(calendar: GoogleCalendar, user: GoogleUser): void {
    const member = calendar.members.get(user.sub);
    if (!member) return;
    Object.assign(member, { gone: true, change: this.nextChange() });
    calendar.invalidateSyncTokens();
  }

  remove(calendar: GoogleCalendar): void {
    calendar.gone = true;
    for (const member of calendar.members.values())
      Object.assign(member, { gone: true, change: this.nextChange() });
    this.channels.endOf(calendar);
  }

  /** What the user sees under `id`, `primary` included. */
  seenBy(user: GoogleUser, id: string): { calendar: GoogleCalendar; member: Member } | undefined {
    const primary = this.primaryOf(user);
    const calendar =
      id === 'primary' ? primary : (this.calendars.get(id) ?? this.calendars.get(id.toLowerCase()));
    const member = calendar?.members.get(user.sub);
    return calendar && member && !member.gone && !calendar.gone ? { calendar, member } : undefined;
  }

  /** All calendars that are or were on the user's list. */
  listOf(user: GoogleUser): { calendar: GoogleCalendar; member: Member }[] {
    this.primaryOf(user);
    return [...this.calendars.values()].flatMap((calendar) => {
      const member = calendar.members.get(user.sub);
      return member ? [{ calendar, member }] : [];
    });
  }

  snapshot(): SavedCalendarState {
    return {
      settings: { ...this.settings },
      sequence: this.sequence,
      calendars: [...this.calendars.values()].map(calendarSnapshot),
      channels: this.channels.list(),
    };
  }

  restore({ settings, sequence, calendars, channels }: SavedCalendarState): void {
    Object.assign(this.settings, settings);
    this.sequence = sequence;
    for (const saved of calendars) {
      const calendar = new GoogleCalendar(saved.id, saved.owner, saved, this);
      calendar.restore(saved);
      this.calendars.set(saved.id, calendar);
    }
    this.channels.restore(channels);
  }
}
