import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { identify } from './bearer.js';
import type { FaultEffect } from './faults.js';
import { GoogleError, OAuthError } from './google-error.js';
import { basicCredentials } from './oauth/client-authentication.js';
import { redacted } from './request-log.js';
import type { LoggedRequest } from './request-log.js';
import type { World } from './world.js';

const BAD_GATEWAY_PAGE = `<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p><b>502.</b> <ins>That’s an error.</ins><p>The server encountered a temporary error and could not complete your request.`;

/** Writes Google's traffic to the request log and lets the faults strike it. The simulator's own paths are left alone. */
export function watchTraffic(app: FastifyInstance, world: World): void {
  const logged = new WeakMap<FastifyRequest, LoggedRequest>();
  const droppedAfterwards = new WeakSet<FastifyRequest>();

  app.addHook('onRequest', async (request) => {
    const url = new URL(request.url, 'http://simulator');
    if (isOurs(url.pathname)) return;
    logged.set(
      request,
      world.requestLog.add({
        method: request.method,
        path: url.pathname,
        query: redacted(url.searchParams),
        form: {},
        at: world.now().toISOString(),
      }),
    );
  });

  app.addHook('preHandler', async (request, reply) => {
    const entry = logged.get(request);
    if (!entry) return;
    if (request.body instanceof URLSearchParams) Object.assign(entry.form, redacted(request.body));
    const callers = callersOf(world, request);
    if (callers[0]) entry.caller = callers[0];
    const effects = world.faults.strike({
      on: 'request',
      method: request.method,
      path: entry.path,
      callers,
    });
    for (const effect of effects) {
      if (effect.kind === 'drop' && effect.afterwards) droppedAfterwards.add(request);
      else if (await applied(effect, reply)) return reply;
    }
  });

  app.addHook('onSend', async (request) => {
    if (droppedAfterwards.has(request)) request.raw.socket.destroy();
  });

  app.addHook('onResponse', async (request, reply) => {
    const entry = logged.get(request);
    if (entry && !droppedAfterwards.has(request)) entry.status = reply.statusCode;
  });
}

function isOurs(path: string): boolean {
  return path === '/' || path === '/simulator' || path.startsWith('/simulator/');
}

/** The names under which the caller is known, best first. */
function callersOf(world: World, request: FastifyRequest): string[] {
  const caller = identify(world, request);
  if (caller?.kind === 'user') return [caller.user.email, caller.client.clientId];
  if (caller) return [caller.account.email];
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const assertion = form.get('assertion');
  const names = [
    assertion && issuerOf(assertion),
    world.oauth.userOfToken(form.get('refresh_token') ?? form.get('code') ?? '')?.email,
    form.get('client_id') ?? basicCredentials(request)?.clientId,
  ];
  return names.filter((name) => typeof name === 'string');
}

function issuerOf(assertion: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as unknown;
    return (claims as { iss?: string }).iss;
  } catch {
    return undefined;
  }
}

/** Whether the request has been answered, or never will be. */
async function applied(effect: FaultEffect, reply: FastifyReply): Promise<boolean> {
  switch (effect.kind) {
    case 'error': {
      const { kind: _, message = 'Simulated failure.', retryAfter, ...shape } = effect;
      if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
      throw new GoogleError({ ...shape, message });
    }
    case 'oauth-error':
      throw new OAuthError(effect.code, effect.error, effect.description);
    case 'html':
      await reply
        .code(effect.code)
        .type('text/html; charset=UTF-8')
        .send(effect.body ?? BAD_GATEWAY_PAGE);
      return true;
    case 'delay':
      await delay(effect.delayMs, undefined, { ref: false });
      return false;
    case 'drop':
      reply.hijack();
      reply.request.raw.socket.destroy();
      return true;
    case 'duplicate':
    case 'reorder':
      return false;
  }
}
