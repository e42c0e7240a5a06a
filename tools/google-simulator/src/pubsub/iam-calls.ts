import { z } from 'zod';
import type { Caller } from '../bearer.js';
import type { Project } from '../projects.js';
import type { World } from '../world.js';
import type { IamPolicy } from './iam-policy.js';
import { may, requirePermission } from './permissions.js';
import { invalidArgument, resourceNotFound } from './refusals.js';

interface PolicyTarget {
  readonly collection: 'topics' | 'subscriptions';
  readonly name: string;
  /** Undefined when the resource does not exist. */
  readonly policy: IamPolicy | undefined;
  readonly caller: Caller;
  readonly project: Project;
  readonly body: unknown;
}

/** The three IAM calls that topics and subscriptions share. */
export function policyCall(
  world: World,
  verb: 'getIamPolicy' | 'setIamPolicy' | 'testIamPermissions',
  { collection, name, policy, caller, project, body }: PolicyTarget,
) {
  if (verb === 'testIamPermissions') {
    if (!policy) throw resourceNotFound(name);
    const asked = z.looseObject({ permissions: z.array(z.string()) }).safeParse(body ?? {});
    if (!asked.success) throw invalidArgument('Invalid permissions.');
    const held = asked.data.permissions.filter((permission) =>
      may(world, caller, permission, project, policy),
    );
    return held.length > 0 ? { permissions: held } : {};
  }
  requirePermission(world, caller, `pubsub.${collection}.${verb}`, project, policy);
  if (!policy) throw resourceNotFound(name);
  if (verb === 'setIamPolicy')
    policy.replace((body as { policy?: unknown } | undefined)?.policy, project, world);
  return policy.resource();
}
