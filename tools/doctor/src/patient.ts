import { setTimeout as pause } from 'node:timers/promises';
import { ProvisionTopic } from '#contracts/gmail';
import type { TenantProject, TenantProjectSeed } from '#google-simulator/admin/tenant-project';
import type { SimulatorClient } from '#google-simulator/client';
import { beginning } from '#messaging/envelope';
import { seconds } from '#time/clock';
import { runVerification } from '../../../apps/gateway/src/doctor/run-verification.js';
import type { Verification } from '../../../apps/gateway/src/doctor/verification.js';
import type { Hospital } from './hospital.js';

export interface PatientWishes {
  /** What is different at Google from the beginning. */
  seed?: Partial<TenantProjectSeed>;
  /** What is different in the form of the setup. */
  form?: Record<string, unknown>;
  /** Boxes that the account’s owner leaves empty. */
  untick?: string[];
  /** Who consents, if not the owner. */
  consentingAs?: string;
  /** Lets the app in for this long only. */
  accessSeconds?: 3_600;
  /** Labels of the mailbox’s filter. */
  labels?: string[];
}

export type Connected = 'gmail' | 'calendar';

/** One tenant with a project of its own at the simulated Google, as its admin and its users see it. */
export class Patient {
  providerId = '';

  private constructor(
    readonly hospital: Hospital,
    readonly tenant: string,
    readonly project: TenantProject,
    private readonly wishes: PatientWishes,
  ) {}

  static async setUp(hospital: Hospital, tenant: string, wishes: PatientWishes): Promise<Patient> {
    const { simulator, gatewayUrl } = hospital.embedded;
    const address = `support@${tenant}.example`;
    const project = await simulator.client.seedTenantProject({
      projectId: `${tenant}-project`,
      redirectUris: [
        `${gatewayUrl}/api/auth/google/callback`,
        `${gatewayUrl}/api/auth/google/calendar/callback`,
      ],
      users: [{ email: address }],
      ...wishes.seed,
    });
    const patient = new Patient(hospital, tenant, project, wishes);
    await patient.store();
    await hospital.asking.ask(ProvisionTopic, {}, beginning(tenant, 'spec'));
    return patient;
  }

  get google(): SimulatorClient {
    return this.hospital.embedded.simulator.client;
  }

  get address(): string {
    return `support@${this.tenant}.example`;
  }

  get topic(): string {
    return `projects/${this.project.projectId}/topics/gmail-notifications-${this.tenant}`;
  }

  get subscription(): string {
    return `projects/${this.project.projectId}/subscriptions/gmail-webhook-${this.tenant}`;
  }

  get endpoint(): string {
    return `${this.hospital.embedded.gatewayUrl}/api/email/webhooks/google`;
  }

  /** Fills in the form of the setup, and waits until what follows from it has been done. */
  async store(fields: Record<string, unknown> = {}): Promise<void> {
    const { projectId, clientId, clientSecret, serviceAccountKeyJson } = this.project;
    await this.call('PUT', '/api/google/config', {
      projectId,
      gmail: { clientId, clientSecret },
      calendar: 'same',
      ...(serviceAccountKeyJson ? { serviceAccountKey: serviceAccountKeyJson } : {}),
      ...this.wishes.form,
      ...fields,
    });
    await this.hospital.embedded.caughtUp();
  }

  async connect(product: Connected): Promise<void> {
    if (product === 'gmail') await this.addMailbox();
    else await this.add('/api/calendar/providers', { name: 'Mine', account: this.address });
    await this.consent(product);
    if (product === 'calendar') {
      await this.call('PUT', `/api/calendar/providers/${this.providerId}/calendars`, {
        calendarIds: ['primary'],
      });
      await this.hospital.embedded.caughtUp();
    }
    await this.becomesConnected(product);
  }

  addMailbox(): Promise<void> {
    const { labels = [] } = this.wishes;
    return this.add('/api/email/providers', { name: 'Support', mailbox: this.address, labels });
  }

  private async add(path: string, body: Record<string, unknown>): Promise<void> {
    ({ id: this.providerId } = await this.call<{ id: string }>('POST', path, body));
  }

  /** The owner goes through Google’s pages. */
  async consent(product: Connected): Promise<void> {
    const path = product === 'gmail' ? 'email' : 'calendar';
    const { authUrl } = await this.call<{ authUrl: string }>('POST', `/api/${path}/oauth/initiate`, {
      provider: 'google',
      providerId: this.providerId,
    });
    const { untick = [], consentingAs: account = this.address, accessSeconds } = this.wishes;
    const page = new URL(authUrl);
    if (account !== this.address) page.searchParams.delete('login_hint');
    const wishes = { account, untick, ...(accessSeconds && { accessSeconds }) };
    const back = await this.google.consent(page.href, wishes);
    if (back.kind !== 'redirected') throw new Error(`The consent stranded on ${back.page}.`);
    await fetch(back.url);
    await this.hospital.embedded.caughtUp();
  }

  async verify(about: 'config' | Connected): Promise<Verification> {
    return this.call('POST', this.verifyPath(about));
  }

  verifyPath(about: 'config' | Connected): string {
    if (about === 'config') return '/api/google/config/verify';
    return `/api/${about === 'gmail' ? 'email' : 'calendar'}/providers/${this.providerId}/verify`;
  }

  /** Gmail notifies about a mailbox at most once a second, so a second passes before. */
  async mailComes(subject: string): Promise<void> {
    await this.hospital.advance(seconds(2));
    await this.google.gmail.deliver(this.address, { subject, text: 'Please help.' });
  }

  /** Asks until it is as hoped. @throws Error with the last answer when it does not become so in time */
  async until<Answer>(path: string, hoped: (answer: Answer) => boolean): Promise<void> {
    const deadline = performance.now() + seconds(30);
    for (;;) {
      const answer = await this.call<Answer>('GET', path);
      if (hoped(answer)) return;
      if (performance.now() > deadline) throw new Error(`${path}: ${JSON.stringify(answer)}`);
      await pause(50);
    }
  }

  async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.fetch(method, path, { body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }

  async fetch(
    method: string,
    path: string,
    { body, accept = 'application/json' }: { body?: unknown; accept?: string } = {},
  ): Promise<Response> {
    const { embedded } = this.hospital;
    const token = await embedded.token({ tenant: this.tenant, user: 'admin' });
    return fetch(`${embedded.gatewayUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  private async becomesConnected(product: Connected): Promise<void> {
    const path = `/api/${product === 'gmail' ? 'email' : 'calendar'}/providers/${this.providerId}/status`;
    await this.until<{ status: string }>(path, ({ status }) => status === 'connected');
  }
}

/** The same as the API does, as if this installation were somewhere else. */
export function verifyAt({ hospital, tenant }: Patient, baseUrl: string): Promise<Verification> {
  const { asking, clock, embedded } = hospital;
  const configuration = { ...embedded.configuration, baseUrl };
  const origin = beginning(tenant, 'spec');
  return runVerification(
    { ask: asking.ask, clock, configuration },
    { kind: 'config', providerId: null },
    origin,
    () => {},
  );
}
