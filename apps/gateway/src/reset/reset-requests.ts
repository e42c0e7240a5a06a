import { calendarReset, mailboxReset } from '#contracts/reset';
import { z } from 'zod';

/** Who resets says why: the history shows it for ever. */
export const resetRequest = z.strictObject({
  reason: z.string().trim().min(1, 'has to say why, for the history').max(500),
});

export const mailboxResetAnswer = mailboxReset.omit({ providerId: true }).extend({ id: z.string() });
export const calendarResetAnswer = calendarReset.omit({ providerId: true }).extend({ id: z.string() });

export const underId = <Reset extends { providerId: string }>({
  providerId: id,
  ...reset
}: Reset): Omit<Reset, 'providerId'> & { id: string } => ({ id, ...reset });
