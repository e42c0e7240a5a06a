import { z } from 'zod';
import { GetCalendarProvider, syncDirection } from '#contracts/calendar';
import type { Ask } from '#messaging/ask';
import type { Origin, Reply } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import type { Caller, Permission } from '../api/route.js';
import { calendarProviderStatus } from './derive-calendar-status.js';
import type { CalendarProviderWithStatus } from './read-calendar-statuses.js';

export const newCalendarProvider = z.strictObject({
  name: z.string().trim().min(1).max(200),
  account: z.email('has to be the address of the Google account').max(320),
  syncDirection: syncDirection.default('bidirectional'),
});

export const calendarProviderAnswer = z.object({
  id: z.string(),
  provider: z.literal('google'),
  name: z.string(),
  userId: z.string().describe('The PSA’s user who owns it.'),
  account: z.string(),
  syncDirection,
  createdAt: z.iso.datetime(),
  ...calendarProviderStatus.shape,
  error_message: z.string().nullable().describe('The host’s name of problem.sentence.'),
  last_sync_at: z.iso.datetime().nullable().describe('The host’s name of lastSyncAt.'),
});

export const calendarViewOf = ({
  providerId: id,
  calendar,
  status,
}: CalendarProviderWithStatus): z.infer<typeof calendarProviderAnswer> => ({
  id,
  provider: 'google',
  name: calendar.name,
  userId: calendar.userId,
  account: calendar.account,
  syncDirection: calendar.syncDirection,
  createdAt: calendar.addedAt,
  ...status,
  error_message: status.status === 'error' ? (status.problem?.sentence ?? null) : null,
  last_sync_at: status.lastSyncAt,
});

/** What belongs to somebody else takes a permission. To whoever lacks it there is no such thing. */
export const isVisible = ({ userId, permissions }: Caller, owner: string, permission: Permission): boolean =>
  userId === owner || permissions.includes(permission);

export const unseen = (providerId: string): { problem: Problem } => ({
  problem: problem('calendar-provider.not-found', { providerId }),
});

/** Asks the calendar service itself, so that what was added just now is known. */
export async function refusalFor(
  ask: Ask,
  { providerId, permission }: { providerId: string; permission: Permission },
  caller: Caller,
  origin: Origin,
): Promise<{ problem: Problem } | null> {
  const found: Reply<{ userId: string }> = await ask(GetCalendarProvider, { providerId }, origin);
  if (!found.ok) return { problem: found.problem };
  if (isVisible(caller, found.value.userId, permission)) return null;
  return caller.permissions.includes('system_settings:read')
    ? { problem: problem('request.forbidden', { permission }) }
    : unseen(providerId);
}
