import { days } from '#time/clock';
import type { KeptCalendar } from './kept-calendar.js';

const zone = 'Europe/Berlin';

/** What the calendars' chapters share. */
export interface Calendars {
  tinas: KeptCalendar;
  /** Tina's subscription, which Google lets nobody watch. */
  holidays: KeptCalendar;
  jonass: KeptCalendar;
}

export const calendarsOf = ({ tinas, holidays, jonass }: Calendars): KeptCalendar[] => [
  tinas,
  holidays,
  jonass,
];

/** Times of an event on that day from now, in Berlin. */
export function timesOn(now: Date, inDays: number): { start: object; end: object } {
  const date = dateIn(now, inDays);
  return {
    start: { dateTime: `${date}T09:30:00`, timeZone: zone },
    end: { dateTime: `${date}T10:15:00`, timeZone: zone },
  };
}

export const dateIn = (now: Date, inDays: number): string =>
  new Date(now.getTime() + days(inDays)).toISOString().slice(0, 10);

/** Google names an instance after its series and the moment, in UTC, at which the rule puts it: half past nine in Berlin. */
export function instanceOn(masterId: string, date: string): string {
  const moment = ['+01:00', '+02:00']
    .map((offset) => new Date(`${date}T09:30:00${offset}`))
    .find((each) => each.toLocaleTimeString('en-GB', { timeZone: zone }) === '09:30:00')!;
  return `${masterId}_${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
