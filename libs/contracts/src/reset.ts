import { z } from 'zod';
import { command } from './contract.js';
import { forgottenPermission } from './oauth-reset.js';

const instant = z.iso.datetime();

const asked = z.object({
  providerId: z.string(),
  reason: z.string().min(1).max(500),
  /** Whoever connected it after this moment keeps it connected. */
  requestedAt: instant.optional(),
});

export const mailboxReset = z.object({
  providerId: z.string(),
  /** `connected-since`: somebody connected it after the reset was asked for, and it is left alone. */
  outcome: z.enum(['reset', 'connected-since']),
  resetAt: instant.nullable(),
  /** `left`: Google could not be asked to stop it; it ends by itself within seven days and nobody listens. */
  watch: z.enum(['none', 'stopped', 'left']),
  /** Messages that waited for another attempt and get none any more. */
  parkedForgotten: z.number().int(),
  /** Null: there was none. */
  permission: forgottenPermission.nullable(),
});

export const ResetMailbox = command('gmail', 'ResetMailbox', {
  summary:
    'Puts a mailbox back to its beginning: stops the watch, gives back and forgets the permission, forgets how far it was read and consents that are on their way. Settings and history stay; nothing asks for it until somebody connects it again. Repeating it answers the same.',
  data: asked,
  answer: mailboxReset,
  refusals: ['mailbox.not-found'],
});

export const calendarReset = z.object({
  providerId: z.string(),
  /** `connected-since`: somebody connected it after the reset was asked for, and it is left alone. */
  outcome: z.enum(['reset', 'connected-since']),
  resetAt: instant.nullable(),
  channelsStopped: z.number().int(),
  /** Channels that Google could not be asked to stop; they end by themselves and nobody listens. */
  channelsLeft: z.number().int(),
  /** Null: there was none. */
  permission: forgottenPermission.nullable(),
});

export const ResetCalendarProvider = command('calendar', 'ResetCalendarProvider', {
  summary:
    'Puts a calendar provider back to its beginning: stops the channels, gives back and forgets the permission, forgets how far it was read and consents that are on their way. Settings, choice and history stay; nothing asks for it until somebody connects it again. Repeating it answers the same.',
  data: asked,
  answer: calendarReset,
  refusals: ['calendar-provider.not-found'],
});

export const mailboxWasReset = z.object({
  reason: z.string(),
  watch: mailboxReset.shape.watch,
  parkedForgotten: mailboxReset.shape.parkedForgotten,
});

const toldOfWatch = {
  none: '',
  stopped: ' Gmail was told to stop notifying.',
  left: ' Gmail could not be told to stop notifying; that ends by itself within seven days.',
};

export const tellOfMailboxReset = ({
  reason,
  watch,
  parkedForgotten,
}: z.infer<typeof mailboxWasReset>): string =>
  `Reset to the beginning (${reason}).${toldOfWatch[watch]}${parkedForgotten > 0 ? ` ${parkedForgotten} parked message(s) were given up.` : ''}`;

export const calendarWasReset = z.object({
  reason: z.string(),
  channelsStopped: calendarReset.shape.channelsStopped,
  channelsLeft: calendarReset.shape.channelsLeft,
});

export const tellOfCalendarReset = ({
  reason,
  channelsStopped,
  channelsLeft,
}: z.infer<typeof calendarWasReset>): string =>
  [
    `Reset to the beginning (${reason}).`,
    channelsStopped > 0 && `${channelsStopped} channel(s) were stopped.`,
    channelsLeft > 0 && `${channelsLeft} channel(s) could not be stopped and end by themselves.`,
  ]
    .filter(Boolean)
    .join(' ');
