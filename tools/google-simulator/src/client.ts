import type { z } from 'zod';
import { AdminCalls } from './admin/admin-calls.js';
import type { ServiceAccountKeyFile } from './admin/console.js';
import type { DescribedProject } from './admin/project-routes.js';
import type * as schemas from './admin/schemas.js';
import type { TenantProject, TenantProjectSeed } from './admin/tenant-project.js';
import type { ActiveFault } from './faults.js';
import { walkConsent } from './oauth/consent-walk.js';
import type { ConsentResult, ConsentWishes } from './oauth/consent-walk.js';
import { CalendarClient } from './calendar/calendar-client.js';
import { GmailClient } from './gmail/gmail-client.js';
import { PubSubClient } from './pubsub/pubsub-client.js';
import type { LoggedRequest } from './request-log.js';
import type { GoogleUser } from './users.js';

const named = encodeURIComponent;

/** Drives a running simulator over HTTP: what people do in Google's consoles and pages, plus time, faults and the request log. */
export class SimulatorClient {
  readonly gmail: GmailClient;
  readonly pubsub: PubSubClient;
  readonly calendar: CalendarClient;
  private readonly admin: AdminCalls;

  constructor(readonly url: string) {
    this.admin = new AdminCalls(url);
    this.gmail = new GmailClient(this.admin);
    this.pubsub = new PubSubClient(this.admin);
    this.calendar = new CalendarClient(this.admin);
  }

  /** A project with everything that a tenant needs: one OAuth client, one service account with a key, the users. */
  seedTenantProject(seed: TenantProjectSeed): Promise<TenantProject> {
    return this.admin.call('POST', '/tenant-projects', seed);
  }

  /** Walks through the consent pages like a person, without a browser. */
  consent(authUrl: string, wishes: ConsentWishes): Promise<ConsentResult> {
    return walkConsent(authUrl, wishes);
  }

  /** Creates or replaces. Unless said: external, in production, unverified, all APIs enabled. */
  createProject(id: string, seed: z.input<typeof schemas.projectSeed> = {}): Promise<DescribedProject> {
    return this.admin.call('PUT', `/projects/${named(id)}`, seed);
  }

  project(id: string): Promise<DescribedProject> {
    return this.admin.call('GET', `/projects/${named(id)}`);
  }

  changeProject(id: string, change: z.input<typeof schemas.projectChange>): Promise<DescribedProject> {
    return this.admin.call('PATCH', `/projects/${named(id)}`, change);
  }

  createClient(
    projectId: string,
    seed: z.input<typeof schemas.clientSeed>,
  ): Promise<{ clientId: string; clientSecret: string }> {
    return this.admin.call('POST', `/projects/${named(projectId)}/clients`, seed);
  }

  async changeClient(clientId: string, change: z.input<typeof schemas.clientChange>): Promise<void> {
    await this.admin.call('PATCH', `/clients/${named(clientId)}`, change);
  }

  /** Refused while two secrets are enabled. */
  addSecret(
    clientId: string,
    seed: z.input<typeof schemas.secretSeed> = {},
  ): Promise<{ secretId: string; clientSecret: string }> {
    return this.admin.call('POST', `/clients/${named(clientId)}/secrets`, seed);
  }

  async enableSecret(clientId: string, secretId: string, enabled: boolean): Promise<void> {
    await this.admin.call('PATCH', `/clients/${named(clientId)}/secrets/${secretId}`, { enabled });
  }

  async deleteSecret(clientId: string, secretId: string): Promise<void> {
    await this.admin.call('DELETE', `/clients/${named(clientId)}/secrets/${secretId}`);
  }

  createServiceAccount(
    projectId: string,
    seed: z.input<typeof schemas.serviceAccountSeed>,
  ): Promise<{ email: string; uniqueId: string }> {
    return this.admin.call('POST', `/projects/${named(projectId)}/service-accounts`, seed);
  }

  async changeServiceAccount(
    email: string,
    change: z.input<typeof schemas.serviceAccountChange>,
  ): Promise<void> {
    await this.admin.call('PATCH', `/service-accounts/${named(email)}`, change);
  }

  /** The key file; Google keeps the public half only. Refused in secure-by-default organisations. */
  createServiceAccountKey(email: string): Promise<ServiceAccountKeyFile> {
    return this.admin.call('POST', `/service-accounts/${named(email)}/keys`);
  }

  async deleteServiceAccountKey(email: string, keyId: string): Promise<void> {
    await this.admin.call('DELETE', `/service-accounts/${named(email)}/keys/${keyId}`);
  }

  /** Creates or changes; the account keeps its `sub`. */
  createUser(email: string, seed: z.input<typeof schemas.userSeed> = {}): Promise<GoogleUser> {
    return this.admin.call('PUT', `/users/${named(email)}`, seed);
  }

  async deleteUser(email: string): Promise<void> {
    await this.admin.call('DELETE', `/users/${named(email)}`);
  }

  async changePassword(email: string): Promise<void> {
    await this.admin.call('POST', `/users/${named(email)}/change-password`);
  }

  /** The user removes the app on their account's permissions page. */
  async removeApp(email: string, projectId: string): Promise<void> {
    await this.admin.call('POST', `/users/${named(email)}/remove-app`, { projectId });
  }

  /** How many refresh tokens of this user still work with the client. */
  async liveRefreshTokens(email: string, clientId: string): Promise<number> {
    const path = `/users/${named(email)}/clients/${named(clientId)}/refresh-tokens`;
    return (await this.admin.call<{ live: number }>('GET', path)).live;
  }

  /** What a Workspace's admin decides; replaces what was decided before. */
  async setWorkspacePolicy(domain: string, policy: z.input<typeof schemas.workspacePolicy>): Promise<void> {
    await this.admin.call('PUT', `/workspaces/${named(domain)}`, policy);
  }

  async now(): Promise<Date> {
    return new Date((await this.admin.call<{ now: string }>('GET', '/clock')).now);
  }

  /** Moves the simulated clock forward; what becomes due on the way has been started when this returns. */
  async advance(milliseconds: number): Promise<Date> {
    const moved = await this.admin.call<{ now: string }>('POST', '/clock', { advanceMs: milliseconds });
    return new Date(moved.now);
  }

  /** Strikes requests unless `match.on` says otherwise, until removed unless `times` says otherwise. */
  addFault(fault: z.input<typeof schemas.faultSeed>): Promise<ActiveFault> {
    return this.admin.call('POST', '/faults', fault);
  }

  faults(): Promise<ActiveFault[]> {
    return this.admin.call('GET', '/faults');
  }

  async removeFault(id: string): Promise<void> {
    await this.admin.call('DELETE', `/faults/${named(id)}`);
  }

  async clearFaults(): Promise<void> {
    await this.admin.call('DELETE', '/faults');
  }

  /** What arrived on Google's paths, oldest first, without secrets. */
  requests(): Promise<LoggedRequest[]> {
    return this.admin.call('GET', '/requests');
  }

  async clearRequests(): Promise<void> {
    await this.admin.call('DELETE', '/requests');
  }
}
