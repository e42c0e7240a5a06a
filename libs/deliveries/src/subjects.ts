import { createHash } from 'node:crypto';

/** An id as one token of a subject, whatever the host puts into its ids: dots, blanks and wildcards would be other subjects. */
export function subjectToken(id: string): string {
  if (id === '') throw new RangeError('An empty id has no place in a subject.');
  return encodeURIComponent(id).replaceAll('.', '%2E').replaceAll('*', '%2A');
}

/** The same for every spelling of a mailbox's address, and nothing to be read on the wire. */
export const addressKey = (emailAddress: string): string =>
  createHash('sha256').update(emailAddress.toLowerCase()).digest('hex').slice(0, 32);

export const notificationSubject = (tenantId: string, emailAddress: string): string =>
  `notification.gmail.${subjectToken(tenantId)}.${addressKey(emailAddress)}`;

/** `type` is the delivery's own, such as `inbound-email.received`: its dots are tokens of the subject, so that hosts filter by them. */
export const deliverySubject = (tenantId: string, type: string): string =>
  `delivery.${subjectToken(tenantId)}.${type}`;

export const activitySubject = (tenantId: string, providerId: string): string =>
  `activity.${subjectToken(tenantId)}.${subjectToken(providerId)}`;

/** For a calendar's id, which may be an address of any length. */
export const calendarKey = (calendarId: string): string =>
  createHash('sha256').update(calendarId).digest('hex').slice(0, 32);

export interface CalendarOfProvider {
  tenantId: string;
  providerId: string;
  calendarId: string;
}

const calendarTokens = ({ tenantId, providerId, calendarId }: CalendarOfProvider): string =>
  `${subjectToken(tenantId)}.${subjectToken(providerId)}.${calendarKey(calendarId)}`;

export const calendarNotificationSubject = (calendar: CalendarOfProvider): string =>
  `notification.calendar.${calendarTokens(calendar)}`;

export const calendarActivitySubject = (calendar: CalendarOfProvider): string =>
  `activity.calendar.${calendarTokens(calendar)}`;
