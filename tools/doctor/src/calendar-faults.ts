import { minutes } from '#time/clock';
import type { Fault } from './fault.js';
import { refusing } from './mailbox-faults.js';
import type { Patient } from './patient.js';

const calendar = { about: 'calendar', result: 'fail' } as const;

/** What can be wrong with an account's calendars. */
export const calendarFaults: Fault[] = [
  {
    ...calendar,
    id: 'calendar-permission-revoked',
    wrong: 'The person removed the app from the account.',
    put: 'The user removes the app.',
    check: 'grant.alive',
    code: 'authorization.revoked',
    breaks: ({ google, address, project }) => google.removeApp(address, project.projectId),
  },
  {
    ...calendar,
    id: 'no-calendar',
    wrong: 'Google Calendar was turned off for the account.',
    put: 'The user has no Calendar any more.',
    check: 'calendar.readable',
    code: 'calendar.not-a-calendar-user',
    breaks: ({ google, address }) => google.createUser(address, { hasCalendar: false }),
  },
  {
    ...calendar,
    id: 'calendar-disturbed',
    wrong: 'Google Calendar does not answer properly.',
    put: 'The list of calendars answers 503.',
    check: 'calendar.readable',
    code: 'calendar.unavailable',
    result: 'warn',
    breaks: refusing('/calendarList$', { code: 503, reason: 'backendError' }),
  },
  {
    ...calendar,
    id: 'nothing-chosen',
    wrong: 'None of the account’s calendars is chosen.',
    put: 'The choice is emptied here.',
    check: 'calendar.chosen',
    code: 'calendar-provider.nothing-chosen',
    result: 'warn',
    breaks: (patient) => choose(patient),
  },
  {
    ...calendar,
    id: 'calendar-gone',
    wrong: 'A chosen calendar is not shared with the account any more.',
    put: 'A second calendar is chosen, and deleted.',
    check: 'calendar.visible',
    code: 'calendar.gone',
    breaks: async (patient) => {
      const { id } = await patient.google.calendar.createCalendar({
        owner: patient.address,
        summary: 'Team',
        timeZone: 'Europe/Berlin',
      });
      await choose(patient, 'primary', id);
      // Its first notification may not come when it is gone: it would be read then, and the loss recorded.
      const path = `/api/calendar/providers/${patient.providerId}/status`;
      await patient.until<{ calendars: { status: string }[] }>(
        path,
        ({ calendars }) => calendars.length === 2 && calendars.every(({ status }) => status === 'connected'),
      );
      await patient.google.calendar.deleteCalendar(id);
    },
  },
  {
    ...calendar,
    id: 'calendar-not-watchable',
    wrong: 'Google does not notify about a calendar of this kind.',
    put: 'A calendar of holidays is chosen.',
    check: 'calendar.channels',
    code: 'calendar.not-watchable',
    result: 'warn',
    breaks: async (patient) => {
      const { id } = await patient.google.calendar.createCalendar({
        owner: patient.address,
        summary: 'Holidays',
        timeZone: 'Europe/Berlin',
        unwatchable: true,
      });
      await choose(patient, id);
    },
  },
  {
    ...calendar,
    id: 'webhook-refused',
    wrong: 'Google does not take the address for notifications of calendars.',
    put: 'Google refuses webhooks of the project.',
    check: 'calendar.channels',
    code: 'calendar.webhook-refused',
    result: 'warn',
    breaks: async (patient) => {
      const { projectId } = patient.project;
      await patient.google.calendar.configure({ projectsRefusingWebhooks: [projectId] });
      const { id } = await patient.google.calendar.createCalendar({
        owner: patient.address,
        summary: 'Team',
        timeZone: 'Europe/Berlin',
      });
      await choose(patient, id);
    },
  },
  {
    ...calendar,
    id: 'channel-ended',
    wrong: 'The channels ended and were not renewed.',
    put: 'Forty days pass while the maintenance service is down.',
    check: 'calendar.channels',
    code: 'calendar.channel-missing',
    result: 'warn',
    breaks: ({ hospital }) => hospital.advance(minutes(40 * 24 * 60)),
  },
  {
    ...calendar,
    id: 'calendar-not-notified',
    wrong: 'Google’s notifications do not get through, for example because of a firewall.',
    put: 'Notifications are lost on their way; eleven minutes pass.',
    check: 'calendar.first-notification',
    code: 'calendar.no-first-notification',
    breaks: async (patient) => {
      const { id } = await patient.google.calendar.createCalendar({
        owner: patient.address,
        summary: 'Team',
        timeZone: 'Europe/Berlin',
      });
      await patient.google.addFault({ match: { on: 'calendar-push' }, effect: { kind: 'drop' } });
      await choose(patient, id);
      await patient.hospital.advance(minutes(11));
    },
  },
  {
    ...calendar,
    id: 'calendar-paused',
    wrong: 'The calendars are paused.',
    put: 'They are paused here.',
    check: 'calendar.paused',
    code: 'calendar-provider.paused',
    result: 'warn',
    breaks: (patient) => patient.call('POST', `/api/calendar/providers/${patient.providerId}/pause`, {}),
  },
];

async function choose(patient: Patient, ...calendarIds: string[]): Promise<void> {
  await patient.call('PUT', `/api/calendar/providers/${patient.providerId}/calendars`, { calendarIds });
  await patient.hospital.embedded.caughtUp();
}
