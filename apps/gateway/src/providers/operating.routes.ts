import { z } from 'zod';
import {
  DisconnectMailbox,
  ListParkedMessages,
  PauseMailbox,
  RenewWatch,
  ResumeMailbox,
  RetryParkedMessage,
} from '#contracts/gmail';
import { ResetMailbox } from '#contracts/reset';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import { guarded, relay, type Route } from '../api/route.js';
import { acknowledge, acknowledged, ofProvider, providerId } from './provider-requests.js';
import { mailboxResetAnswer, resetRequest, underId } from '../reset/reset-requests.js';

const tag = 'Email providers';

/** What people do with a mailbox that is there. */
export const operatingRoutes = ({ ask }: { ask: Ask }): Route[] => [
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/pause',
    permission: 'system_settings:update',
    tag,
    summary: 'Reads nothing more until resumed; nothing is lost meanwhile',
    params: ofProvider,
    body: z.strictObject({
      reason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']).default('manual'),
    }),
    answer: acknowledged,
    refusals: PauseMailbox.refusals,
    handle: async ({ params: { id }, body, origin }) =>
      relay(await ask(PauseMailbox, { providerId: id, reason: body.reason }, origin), acknowledge),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/resume',
    permission: 'system_settings:update',
    tag,
    summary: 'Reads on from where the pause began',
    params: ofProvider,
    answer: acknowledged,
    refusals: ResumeMailbox.refusals,
    handle: async ({ params: { id }, origin }) =>
      relay(await ask(ResumeMailbox, { providerId: id }, origin), acknowledge),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/disconnect',
    permission: 'system_settings:update',
    tag,
    summary: 'Stops the watch and forgets the permission; the provider stays',
    params: ofProvider,
    answer: acknowledged,
    refusals: DisconnectMailbox.refusals,
    handle: async ({ params: { id }, origin }, { userId }) =>
      relay(
        await ask(DisconnectMailbox, { providerId: id, reason: `disconnected by ${userId}` }, origin),
        acknowledge,
      ),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/reset',
    permission: 'system_settings:update',
    tag,
    summary:
      'Puts the provider back to its beginning: watch, permission and reading position are given up, and what Google could not be asked to end is named. Settings and history stay',
    params: ofProvider,
    body: resetRequest,
    answer: mailboxResetAnswer,
    refusals: ResetMailbox.refusals,
    handle: async ({ params: { id }, body, origin }) =>
      relay(await ask(ResetMailbox, { providerId: id, ...body }, origin), underId),
  }),
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/parked-messages',
    permission: 'system_settings:read',
    tag,
    summary: 'Messages that could not be processed, with the reason and the next attempt',
    params: ofProvider,
    answer: ListParkedMessages.answer,
    refusals: ListParkedMessages.refusals,
    handle: async ({ params: { id }, origin }) =>
      relay(await ask(ListParkedMessages, { providerId: id }, origin)),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/providers/:id/parked-messages/:gmailId/retry',
    permission: 'system_settings:update',
    tag,
    summary: 'Processes a parked message now',
    params: z.object({ id: providerId, gmailId: z.string().regex(/^[\w-]{1,64}$/) }),
    answer: RetryParkedMessage.answer,
    refusals: RetryParkedMessage.refusals,
    handle: async ({ params: { id, gmailId }, origin }) =>
      relay(await ask(RetryParkedMessage, { providerId: id, gmailId }, origin)),
  }),
  guarded({
    method: 'POST',
    path: '/api/email/refresh-watch',
    permission: 'system_settings:update',
    tag,
    summary: 'Renews the watch of a mailbox now, as the host’s button does',
    body: z.strictObject({ providerId }),
    answer: z.object({
      success: z.literal(true),
      watching: z.literal(true),
      expiresAt: z.string().nullable(),
    }),
    refusals: RenewWatch.refusals,
    handle: async ({ body, origin }) => {
      const reply = await ask(RenewWatch, body, origin);
      if (!reply.ok) return { problem: reply.problem };
      const { watching, expiresAt, problem: why } = reply.value;
      // The watch of before may live on: that is not what was asked for.
      if (!watching || why) return { problem: why ?? problem('mailbox.not-connected') };
      return { body: { success: true, watching, expiresAt } };
    },
  }),
];
