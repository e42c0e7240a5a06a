import type { FastifyRequest } from 'fastify';
import { authenticate, requireApi, requireScope, type Caller } from '../bearer.js';
import { mayActAs, projectGrants, type Project } from '../projects.js';
import type { World } from '../world.js';
import type { IamPolicy } from './iam-policy.js';
import { permissionDenied, projectNotFound } from './refusals.js';

const SCOPES = ['https://www.googleapis.com/auth/pubsub', 'https://www.googleapis.com/auth/cloud-platform'];

/** The checks before every Pub/Sub call: token, scope, project, API. What the caller may do there comes next. */
export function enter(
  world: World,
  request: FastifyRequest,
  projectId: string,
): { caller: Caller; project: Project } {
  const caller = authenticate(world, request);
  requireScope(caller, ...SCOPES);
  requireApi(caller.project, 'pubsub.googleapis.com');
  const project = world.projects.get(projectId);
  if (!project) throw projectNotFound(projectId);
  requireApi(project, 'pubsub.googleapis.com');
  return { caller, project };
}

export function memberOf(caller: Caller): string {
  return caller.kind === 'user' ? `user:${caller.user.email}` : `serviceAccount:${caller.account.email}`;
}

export function may(
  world: World,
  caller: Caller,
  permission: string,
  project: Project,
  policy?: IamPolicy,
): boolean {
  const byProject =
    caller.kind === 'user'
      ? project.owners.has(caller.user.email)
      : caller.project.id === project.id && projectGrants(caller.account, permission);
  const { grantPropagationMs } = world.pubsub.settings;
  return (
    byProject || (policy?.allows(memberOf(caller), permission, world.now(), grantPropagationMs) ?? false)
  );
}

/** @throws GoogleError 403 "User not authorized to perform this action." */
export function requirePermission(...args: Parameters<typeof may>): void {
  if (!may(...args)) throw permissionDenied();
}

/** Whether the caller may name this service account as the signer of pushes. */
export function requireActAs(caller: Caller, email: string, project: Project): void {
  const account = project.serviceAccounts.find((one) => one.email === email && !one.deleted);
  const allowed =
    account &&
    (caller.kind === 'user' ? project.owners.has(caller.user.email) : mayActAs(caller.account, email));
  if (!allowed) {
    throw permissionDenied(
      `Permission 'iam.serviceAccounts.actAs' denied on resource (or it may not exist): projects/-/serviceAccounts/${email}`,
    );
  }
}
