import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Origin, Reply } from '#messaging/envelope';
import type { Problem, ProblemCode } from '#problems/problem';

export type Permission = 'system_settings:read' | 'system_settings:create' | 'system_settings:update';

/** A token is enough to ask: the route itself sees whether the thing is the caller's own. */
export const ownThings = 'own things';

/** Who sent a request, as the host's token says. */
export interface Caller {
  tenantId: string;
  userId: string;
  permissions: string[];
}

/** Content that is not JSON. */
export interface Content {
  status: number;
  headers: Record<string, string>;
  content: string | Buffer | Readable;
}

/** `about` adds to the problem's own fields, for example which fields of the request it is about. */
export type HttpAnswer =
  { status?: number; body: unknown } | Content | { problem: Problem; about?: Record<string, unknown> };

interface Received<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  headers: Record<string, string | undefined>;
  origin: Origin;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Description {
  method: Method;
  /** As Fastify writes it: `/api/email/providers/:id`. */
  path: string;
  summary: string;
  tag: string;
  /** Status of success, 200 unless given. */
  status?: number;
  /** The JSON of success, or the media type when it is something else. */
  answer: z.ZodType | string;
  /** The media type in which the answer comes as well, when the request accepts it. */
  alsoAs?: string;
  /** The problems with which this very route may refuse, besides those of every route. */
  refusals?: ProblemCode[];
}

interface Shapes<Params, Query, Body> {
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
}

/** One line of the API: what it is called with, who may call it, and what happens. Everything else follows from it. */
export interface Route extends Description, Shapes<unknown, unknown, unknown> {
  /** `public`: no token, because something else in the request proves where it comes from. */
  permission: Permission | typeof ownThings | 'public';
  handle(request: Received<unknown, unknown, unknown>, caller: Caller | null): Promise<HttpAnswer>;
}

type Guarded<P, Q, B> = Description &
  Shapes<P, Q, B> & {
    permission: Permission | typeof ownThings;
    handle(request: Received<P, Q, B>, caller: Caller): Promise<HttpAnswer>;
  };
type Public<P, Q, B> = Description &
  Shapes<P, Q, B> & { handle(request: Received<P, Q, B>): Promise<HttpAnswer> };

export const guarded = <P = object, Q = object, B = undefined>(route: Guarded<P, Q, B>): Route =>
  route as unknown as Route;

export const open = <P = object, Q = object, B = undefined>(route: Public<P, Q, B>): Route => ({
  ...(route as unknown as Omit<Route, 'permission'>),
  permission: 'public',
});

/** A service's reply as it goes to the caller: the value as JSON, or the problem. */
export const relay = <Value>(
  reply: Reply<Value>,
  shape: (value: Value) => unknown = (value) => value,
): HttpAnswer => (reply.ok ? { body: shape(reply.value) } : { problem: reply.problem });
