import { Readable } from 'node:stream';
import type { z } from 'zod';
import { GetMailbox } from '#contracts/gmail';
import type { Logger } from '#logging/logger';
import type { Origin } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { guarded, ownThings, type HttpAnswer, type Route } from '../api/route.js';
import { refusalFor } from '../calendar/calendar-requests.js';
import { ofProvider } from '../providers/provider-requests.js';
import { makeSupportBundle, type BundlingMeans } from './make-support-bundle.js';
import type { Subject } from './plan.js';
import { supportBundle } from './support-bundle.js';
import { verification, type Verification } from './verification.js';
import { type Running, Verifications, type VerificationsMeans } from './verifications.js';

const eventStream = 'text/event-stream';

export type DoctorMeans = Omit<VerificationsMeans, 'failed'> & BundlingMeans & { logger: Logger };

/** Live checks of the setup and of what stands on it. They change nothing, at Google or here. */
export function doctorRoutes(means: DoctorMeans): Route[] {
  const { ask, logger } = means;
  const verifications = new Verifications({
    ...means,
    failed: (error) => logger.error({ err: error }, 'a verification broke off'),
  });
  const verify = async (
    subject: Subject,
    origin: Origin,
    headers: Record<string, string | undefined>,
  ): Promise<HttpAnswer> => {
    const joined = await verifications.join(subject, origin);
    if ('problem' in joined) return joined;
    return (headers['accept'] ?? '').includes(eventStream)
      ? streamed(joined.running)
      : whole(joined.running, origin);
  };
  const answer: z.ZodType<Verification> = verification;
  return [
    guarded({
      method: 'POST',
      path: '/api/google/config/verify',
      permission: 'system_settings:update',
      tag: 'Google setup',
      summary:
        'Asks Google about the tenant’s setup, step by step, and names what is wrong. Changes nothing. With `Accept: text/event-stream` each check comes as soon as it is known',
      answer,
      alsoAs: eventStream,
      refusals: ['verification.running'],
      handle: ({ origin, headers }) => verify({ kind: 'config', providerId: null }, origin, headers),
    }),
    guarded({
      method: 'POST',
      path: '/api/google/support-bundle',
      permission: 'system_settings:update',
      tag: 'Google setup',
      summary:
        'Verifies the setup and gathers what a support desk needs, to be copied: no secret, no content, no whole e-mail address',
      answer: supportBundle,
      refusals: ['verification.running'],
      handle: async ({ origin }) => {
        const joined = await verifications.join({ kind: 'config', providerId: null }, origin);
        if ('problem' in joined) return joined;
        const done = await joined.running.whole();
        return done ? { body: await makeSupportBundle(means, done, origin) } : broken(origin);
      },
    }),
    guarded({
      method: 'POST',
      path: '/api/email/providers/:id/verify',
      permission: 'system_settings:update',
      tag: 'Email providers',
      summary: 'The same for a mailbox and all that it stands on, from the setup to its first notification',
      params: ofProvider,
      answer,
      alsoAs: eventStream,
      refusals: ['mailbox.not-found', 'verification.running'],
      handle: async ({ params: { id }, origin, headers }) => {
        const found = await ask(GetMailbox, { providerId: id }, origin);
        if (!found.ok) return { problem: found.problem };
        return verify({ kind: 'gmail', providerId: id }, origin, headers);
      },
    }),
    guarded({
      method: 'POST',
      path: '/api/calendar/providers/:id/verify',
      permission: ownThings,
      tag: 'Calendar providers',
      summary: 'The same for an account’s calendars; the owner may do it too',
      params: ofProvider,
      answer,
      alsoAs: eventStream,
      refusals: ['calendar-provider.not-found', 'verification.running'],
      handle: async ({ params: { id }, origin, headers }, caller) => {
        const wish = { providerId: id, permission: 'system_settings:update' as const };
        const refusal = await refusalFor(ask, wish, caller, origin);
        return refusal ?? verify({ kind: 'calendar', providerId: id }, origin, headers);
      },
    }),
  ];
}

async function whole(running: Running, origin: Origin): Promise<HttpAnswer> {
  const done = await running.whole();
  return done ? { body: done } : broken(origin);
}

const broken = ({ correlationId }: Origin): HttpAnswer => ({
  problem: problem('service.failed', { service: 'gateway', correlationId }),
});

const streamed = (running: Running): HttpAnswer => ({
  status: 200,
  // Proxies would hold back what is meant to be seen at once.
  headers: { 'content-type': `${eventStream}; charset=utf-8`, 'x-accel-buffering': 'no' },
  content: Readable.from(inLines(running)),
});

async function* inLines(running: Running): AsyncGenerator<string> {
  for await (const { event, data } of running) yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
