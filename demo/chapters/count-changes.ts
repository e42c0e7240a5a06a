import type { Cast } from '../cast.js';
import { check, type Report } from '../report.js';
import { calendarsOf, type Calendars } from '../calendars.js';
import type { KeptCalendar } from '../kept-calendar.js';

export async function countChanges({ stage }: Cast, calendars: Calendars, report: Report): Promise<void> {
  const { psa } = stage;
  for (const calendar of calendarsOf(calendars)) await countCalendar(calendar, report);
  await report.step('Counting all changes of calendars', () => {
    const made = calendarsOf(calendars).reduce((sum, { changesMade }) => sum + changesMade, 0);
    check(psa.calendarChanges.size === made, 'nothing else came', [made, psa.calendarChanges.size]);
    return Promise.resolve(`${made} made, ${psa.calendarChanges.size} delivered exactly once`);
  });
}

/** What came for a calendar, against Google's own state of it. */
export function countCalendar(calendar: KeptCalendar, report: Report): Promise<void> {
  return report.step(`Counting ${calendar.name}, and rebuilding it from what was delivered`, async () => {
    await calendar.noteChanges();
    await calendar.delivered();
    const { events, cancelled } = await calendar.checkRebuilt();
    const came = calendar.deliveries.length;
    check(came === calendar.changesMade, 'every change came once', [calendar.changesMade, came]);
    return `${calendar.changesMade} changes made in Google, ${came} delivered, each exactly once and in order per event; rebuilt ${events} events and ${cancelled} cancelled instances, equal to Google’s own`;
  });
}
