import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Logger } from '#logging/logger';
import { problem, type Problem } from '#problems/problem';
import type { HostTokens } from '../auth/host-tokens.js';
import { ownThings, type Caller, type HttpAnswer, type Route } from './route.js';

/** A request as it came, before anything of it is believed. */
export interface RawRequest {
  params: unknown;
  query: unknown;
  body: unknown;
  headers: Record<string, string | string[] | undefined>;
}

export interface Served {
  answer: HttpAnswer;
  correlationId: string;
}

export interface ServingMeans {
  tokens: HostTokens;
  logger: Logger;
}

/** Token, permission, shape, then the route's own work; every way out is an answer. */
export async function serve(route: Route, raw: RawRequest, means: ServingMeans): Promise<Served> {
  const headers = singleHeaders(raw.headers);
  const correlationId = correlationOf(headers);
  const about: { tenantId?: string; providerId?: string } = {};
  try {
    return { answer: await answered(route, raw, headers, correlationId, means, about), correlationId };
  } catch (error) {
    const called = `${route.method} ${route.path}`;
    means.logger.error({ ...about, correlationId, route: called, err: error }, 'failed');
    return {
      answer: { problem: problem('service.failed', { service: 'gateway', correlationId }) },
      correlationId,
    };
  }
}

async function answered(
  route: Route,
  raw: RawRequest,
  headers: Record<string, string | undefined>,
  correlationId: string,
  { tokens, logger }: ServingMeans,
  about: { tenantId?: string; providerId?: string },
): Promise<HttpAnswer> {
  const caller = route.permission === 'public' ? null : await tokens.callerOf(headers['authorization']);
  if (caller === 'unverifiable') {
    logger.warn({ correlationId }, 'no token can be verified: the keys of AUTH_JWKS_URL cannot be had');
    return { problem: problem('request.unverifiable') };
  }
  if (caller) about.tenantId = caller.tenantId;
  const refusal = refusalOf(route, caller);
  if (refusal) return { problem: refusal };
  const faults: string[] = [];
  const read = (where: string, shape: z.ZodType | undefined, value: unknown): unknown => {
    if (!shape) return undefined;
    const parsed = shape.safeParse(value ?? {});
    if (parsed.success) return parsed.data;
    faults.push(...parsed.error.issues.map((issue) => faultOf(where, issue)));
    return undefined;
  };
  const given = {
    params: read('path', route.params, raw.params),
    query: read('query', route.query, raw.query),
    body: read('body', route.body, raw.body),
  };
  const { id } = (given.params ?? {}) as Record<string, unknown>;
  if (typeof id === 'string' && route.path.includes('/providers/:id')) about.providerId = id;
  faults.push(...unstorableTexts(given.body).map((field) => `${field}: holds characters that are no text`));
  if (faults.length > 0) return { problem: problem('request.invalid', { detail: `${faults.join('; ')}.` }) };
  const origin = {
    id: randomUUID(),
    tenantId: caller?.tenantId ?? '',
    correlationId,
    by: caller?.userId ?? 'browser',
  };
  return route.handle({ ...given, headers, origin }, caller);
}

function refusalOf({ permission }: Route, caller: Caller | null): Problem | null {
  if (permission === 'public') return null;
  if (!caller) return problem('request.unauthenticated');
  if (permission === ownThings) return null;
  return caller.permissions.includes(permission) ? null : problem('request.forbidden', { permission });
}

// The value itself stays out: it may be a secret in the wrong field.
function faultOf(where: string, issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.') || where;
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => [...issue.path, key].join('.'));
    return `${keys.join(', ')} is not a field that is known here; leave it out`;
  }
  return `${field}: ${issue.message}`;
}

/** Where texts are that no database keeps: with a NUL or half a character in them. By a list, because a stranger decides how deep it goes. */
function unstorableTexts(given: unknown): string[] {
  const found: string[] = [];
  const left: [path: string, value: unknown][] = [['', given]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [path, value] = next;
    if (typeof value === 'string') {
      if (value.includes('\0') || !value.isWellFormed()) found.push(path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) left.push([path ? `${path}.${name}` : name, inner]);
    }
  }
  return found;
}

const wellFormedCorrelation = /^[A-Za-z0-9-]{8,64}$/;

function correlationOf(headers: Record<string, string | undefined>): string {
  const given = headers['x-correlation-id'];
  return given && wellFormedCorrelation.test(given) ? given : randomUUID();
}

const singleHeaders = (headers: RawRequest['headers']): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
