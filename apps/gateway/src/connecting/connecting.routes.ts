import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from '#configuration/configuration';
import { ConnectMailbox } from '#contracts/gmail';
import { CompleteAuthorization, type Product } from '#contracts/oauth';
import type { Ask } from '#messaging/ask';
import { problem } from '#problems/problem';
import { minutes } from '#time/clock';
import { statusOf } from '../api/http-problems.js';
import { guarded, open, type Content, type Route } from '../api/route.js';
import { providerId } from '../providers/provider-requests.js';
import { callbackPage, contentSecurityPolicy, type Outcome } from './callback-page.js';
import { openerOrigin } from './opener-origin.js';

export interface ConnectingMeans {
  ask: Ask;
  configuration: Pick<Configuration, 'baseUrl' | 'gateway'>;
}

const tag = 'Connecting';
const gmailCallback = '/api/auth/google/callback';
/** Longer than the oauth service takes at most, with its attempts at Google: the page must not call failed what still succeeds. */
const patienceWithGoogle = minutes(2);
const calendarCallback = '/api/auth/google/calendar/callback';

export const connectingRoutes = ({ ask, configuration }: ConnectingMeans): Route[] => [
  guarded({
    method: 'POST',
    path: '/api/email/oauth/initiate',
    permission: 'system_settings:update',
    tag,
    summary: 'Begins the consent for a mailbox and answers the address of Google’s page, for a popup',
    body: z.strictObject({
      provider: z.literal('google'),
      providerId,
      redirectUri: z
        .literal(`${configuration.baseUrl}${gmailCallback}`, {
          error: `may only be ${configuration.baseUrl}${gmailCallback}; leave it out`,
        })
        .optional(),
      openerOrigin: z.string().optional().describe('The origin of the page that opens the popup.'),
    }),
    answer: z.object({
      success: z.literal(true),
      authUrl: z.string(),
      provider: z.literal('google'),
      state: z.string(),
      expiresAt: z.iso.datetime(),
    }),
    refusals: ConnectMailbox.refusals,
    handle: async ({ body, headers, origin }, { userId }) => {
      const { baseUrl, gateway } = configuration;
      const opener = openerOrigin(
        { body: body.openerOrigin, header: headers['origin'] },
        { baseUrl, openerOrigins: gateway.openerOrigins },
      );
      if (!opener.ok) {
        const detail = `openerOrigin has to be one of ${opener.allowed.join(', ')} (OPENER_ORIGINS).`;
        return { problem: problem('request.invalid', { detail }) };
      }
      const data = { providerId: body.providerId, userId, openerOrigin: opener.origin };
      const reply = await ask(ConnectMailbox, data, origin);
      if (!reply.ok) return { problem: reply.problem };
      return { body: { success: true, provider: 'google', ...reply.value } };
    },
  }),
  callback(gmailCallback, 'gmail', ask),
  callback(calendarCallback, 'calendar', ask),
];

const callback = (path: string, product: Product, ask: Ask): Route =>
  open({
    method: 'GET',
    path,
    tag,
    summary: `Google’s redirect after the consent for ${product}. The state says whose it is`,
    // Google adds what it likes (scope, authuser, hd, prompt): only these matter, and a parameter given twice is none.
    query: z.object({
      state: z.string().max(500).catch(''),
      code: z.string().max(2_000).optional().catch(undefined),
      error: z.string().max(200).optional().catch(undefined),
      iss: z.string().max(200).optional().catch(undefined),
    }),
    answer: 'text/html',
    refusals: CompleteAuthorization.refusals,
    handle: async ({ query, origin }) => {
      const { state, code, error, iss } = query;
      const reply = await ask(
        CompleteAuthorization,
        {
          product,
          state,
          ...(code === undefined ? {} : { code }),
          ...(error === undefined ? {} : { error }),
          ...(iss === undefined ? {} : { issuer: iss }),
        },
        origin,
        { timeoutMs: patienceWithGoogle },
      );
      if (reply.ok) return page(200, { product, ...reply.value });
      const nobody = { connected: false, providerId: null, account: null, openerOrigin: null };
      return page(statusOf(reply.problem), { product, ...nobody, problem: reply.problem });
    },
  });

function page(status: number, outcome: Outcome): Content {
  const nonce = randomBytes(16).toString('base64');
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce),
      'referrer-policy': 'no-referrer',
    },
    content: callbackPage(outcome, nonce),
  };
}
