import { z } from 'zod';
import { roleAllows, type Project } from '../projects.js';
import type { World } from '../world.js';
import type { SavedPolicy } from './saved-pubsub.js';
import { concurrentPolicyChange, failedPrecondition, invalidArgument } from './refusals.js';

export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
}

const policySchema = z.looseObject({
  etag: z.string().optional(),
  bindings: z
    .array(z.looseObject({ role: z.string(), members: z.array(z.string()).default([]) }))
    .default([]),
});

/** The IAM policy of one topic or subscription, and since when each grant stands. */
export class IamPolicy {
  private bindings: readonly Binding[] = [];
  private revision = 0;
  private readonly grantedAt = new Map<string, number>();

  resource() {
    return {
      version: 1,
      etag: this.etag(),
      ...(this.bindings.length > 0 && { bindings: this.bindings }),
    };
  }

  /** Replaces the policy. @throws GoogleError on a stale etag, an unknown member or domain-restricted sharing. */
  replace(proposed: unknown, project: Project, world: World): void {
    const parsed = policySchema.safeParse(proposed ?? {});
    if (!parsed.success) throw invalidArgument('Invalid JSON payload received. Unknown shape of policy.');
    const { etag, bindings } = parsed.data;
    if (etag !== undefined && etag !== '' && decoded(etag) !== decoded(this.etag()))
      throw concurrentPolicyChange();
    const added = bindings.flatMap(({ members }) => members).filter((member) => !this.names(member));
    for (const member of added) requireMember(member, project, world);

    this.bindings = bindings.map(({ role, members }) => ({ role, members: [...new Set(members)] }));
    this.revision += 1;
    const grants = new Set(
      this.bindings.flatMap(({ role, members }) => members.map((one) => `${role} ${one}`)),
    );
    for (const grant of this.grantedAt.keys()) if (!grants.has(grant)) this.grantedAt.delete(grant);
    const now = world.now().getTime();
    for (const grant of grants) if (!this.grantedAt.has(grant)) this.grantedAt.set(grant, now);
  }

  /** Whether a grant that has had `propagationMs` to spread lets the member do it. */
  allows(member: string, permission: string, now: Date, propagationMs: number): boolean {
    return this.bindings.some(
      ({ role, members }) =>
        roleAllows(role, permission) &&
        members.some(
          (one) =>
            (one === member || one === 'allUsers' || one === 'allAuthenticatedUsers') &&
            now.getTime() - (this.grantedAt.get(`${role} ${one}`) ?? Infinity) >= propagationMs,
        ),
    );
  }

  snapshot(): SavedPolicy {
    return { bindings: this.bindings, revision: this.revision, grantedAt: [...this.grantedAt] };
  }

  restore({ bindings, revision, grantedAt }: SavedPolicy): void {
    this.bindings = bindings;
    this.revision = revision;
    for (const [grant, at] of grantedAt) this.grantedAt.set(grant, at);
  }

  private names(member: string): boolean {
    return this.bindings.some(({ members }) => members.includes(member));
  }

  private etag(): string {
    // What Google gives out for a policy that was never set.
    if (this.revision === 0) return 'ACAB';
    const bytes = Buffer.from('BwAAAAAAAAA=', 'base64');
    bytes.writeUInt32BE(this.revision, 4);
    return bytes.toString('base64');
  }
}

/** Etags are bytes: clients may write them back in either alphabet. */
const decoded = (etag: string): string => Buffer.from(etag, 'base64').toString('hex');

function requireMember(member: string, project: Project, world: World): void {
  const [, kind, name] = /^(user|serviceAccount|group|domain):(.+)$/.exec(member) ?? [];
  if (member !== 'allUsers' && member !== 'allAuthenticatedUsers' && (!kind || !name)) {
    throw invalidArgument(`Invalid IAM member: ${member}`);
  }
  const organization = project.organization;
  if (organization?.domainRestrictedSharing && !isInside(kind, name ?? '', organization.id, world)) {
    throw failedPrecondition(
      'One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy.',
      [
        {
          '@type': 'type.googleapis.com/google.rpc.PreconditionFailure',
          violations: [
            {
              type: 'constraints/iam.allowedPolicyMemberDomains',
              subject: `orgpolicy:projects/${project.id}`,
              description: 'User is not in permitted organization.',
            },
          ],
        },
      ],
    );
  }
  const home = /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(name ?? '')?.[1];
  const ghost =
    kind === 'serviceAccount' &&
    home !== undefined &&
    world.projects.has(home) &&
    !accountLives(name!, world);
  if (ghost) throw invalidArgument(`Service account ${name} does not exist.`);
}

function accountLives(email: string, world: World): boolean {
  return world.serviceAccount(email)?.account.deleted === false;
}

function isInside(kind: string | undefined, name: string, organizationId: string, world: World): boolean {
  const projects = [...world.projects.values()].filter(
    ({ organization }) => organization?.id === organizationId,
  );
  if (kind === 'serviceAccount')
    return projects.some(({ id }) => name.endsWith(`@${id}.iam.gserviceaccount.com`));
  return projects.some(
    ({ organization }) => name === organization?.domain || name.endsWith(`@${organization?.domain}`),
  );
}
