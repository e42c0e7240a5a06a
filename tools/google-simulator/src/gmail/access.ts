import type { FastifyRequest } from 'fastify';
import { authenticate, requireApi, requireScope, type Caller } from '../bearer.js';
import type { World } from '../world.js';
import { failedPrecondition, forbidden, rateLimitExceeded } from './gmail-refusals.js';
import type { Mailbox } from './mailbox.js';
import { quotaUnits, type MeteredMethod } from './quota.js';

const SCOPE = 'https://www.googleapis.com/auth/gmail.';
export const FULL = 'https://mail.google.com/';
export const MODIFY = `${SCOPE}modify`;
export const READONLY = `${SCOPE}readonly`;
export const METADATA = `${SCOPE}metadata`;
export const LABELS = `${SCOPE}labels`;
const CONTENT = [FULL, MODIFY, READONLY];
export const READ = [...CONTENT, METADATA];

export interface Visitor {
  readonly mailbox: Mailbox;
  readonly caller: Extract<Caller, { kind: 'user' }>;
}

/** The checks before every Gmail call, in Google's order: token, API, scope, whose mailbox, is there one, quota. */
export function enter(
  world: World,
  request: FastifyRequest,
  method: MeteredMethod,
  scopes: readonly string[] = READ,
): Visitor {
  const caller = authenticate(world, request);
  requireApi(caller.project, 'gmail.googleapis.com');
  requireScope(caller, ...scopes);
  if (caller.kind === 'service-account') throw failedPrecondition('Precondition check failed.');
  const { userId } = request.params as { userId: string };
  if (userId !== 'me' && userId.toLowerCase() !== caller.user.email.toLowerCase()) {
    throw forbidden(`Delegation denied for ${caller.user.email}`);
  }
  const mailbox = world.gmail.mailboxOf(caller.user);
  if (!mailbox) throw failedPrecondition('Mail service not enabled');
  spend(world, caller, method);
  return { mailbox, caller };
}

/** Whether the token lets the caller see bodies; `gmail.metadata` alone does not. */
export function mayReadContent(caller: Caller): boolean {
  return CONTENT.some((scope) => caller.scopes.has(scope));
}

function spend(world: World, caller: Visitor['caller'], method: MeteredMethod): void {
  const { quota, settings } = world.gmail;
  const units = quotaUnits[method];
  const project = caller.project.id;
  const retryAt =
    quota.spend(`${project} ${caller.user.sub}`, units, settings.unitsPerMinutePerUser, world.now()) ??
    quota.spend(project, units, settings.unitsPerMinutePerProject, world.now());
  if (retryAt) throw rateLimitExceeded(settings.quotaRefusal, retryAt);
}
