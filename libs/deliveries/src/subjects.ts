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
