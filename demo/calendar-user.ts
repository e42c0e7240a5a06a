import { wordsOf } from './mailbox.js';
import type { Happening } from './mailbox.js';
import { check } from './report.js';
import type { Tenant } from './tenant.js';
import { askedUntil } from './waiting.js';

/** What the API says of one calendar; the fields that the story looks at. */
export interface CalendarStatus {
  calendarId: string;
  status: 'disconnected' | 'configuring' | 'connected' | 'error';
  mode: 'push' | 'polling' | 'undecided';
  channelExpiresAt: string | null;
  lastNotificationAt: string | null;
  lastSyncAt: string | null;
  problem: { code: string } | null;
  notices: { code: string; sentence: string }[];
}

interface AccountStatus {
  status: string;
  calendars: CalendarStatus[];
}

/** A technician who connects calendars of the own account; an ordinary user of the PSA, without any permission. */
export class CalendarUser {
  providerId = '';
  private token = '';

  constructor(
    readonly tenant: Tenant,
    readonly address: string,
  ) {}

  async begin(account: { workspaceDomain?: string } = {}): Promise<void> {
    this.token = await this.tenant.signIn(this.address, []);
    await this.tenant.stage.google.createUser(this.address, account);
  }

  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const { embedded, visitor } = this.tenant.stage;
    const answer = await visitor.visit(method, `${embedded.gatewayUrl}${path}`, { token: this.token, body });
    check(answer.status < 300, `${method} ${path} succeeds`, { status: answer.status, body: answer.text });
    return JSON.parse(answer.text) as Answer;
  }

  /** From the first form to the page after Google's, which has to say that it worked. */
  async connect(): Promise<void> {
    const { id } = await this.ask<{ id: string }>('POST', '/api/calendar/providers', {
      name: this.address,
      account: this.address,
    });
    this.providerId = id;
    await this.consent();
  }

  async consent(): Promise<void> {
    const { stage } = this.tenant;
    const { authUrl } = await this.ask<{ authUrl: string }>('POST', '/api/calendar/oauth/initiate', {
      provider: 'google',
      providerId: this.providerId,
    });
    const back = await stage.google.consent(authUrl, { account: this.address });
    check(back.kind === 'redirected', 'Google sends the person back to the PSA', back);
    check(
      back.url.pathname === '/api/auth/google/calendar/callback',
      'to the callback of calendars',
      back.url.pathname,
    );
    const page = await stage.visitor.visit('GET', back.url.href);
    check(page.text.includes('is connected'), 'the page says that it is connected', wordsOf(page));
  }

  async listed(): Promise<{ calendarId: string; proposed: boolean }[]> {
    const path = `/api/calendar/providers/${this.providerId}/calendars`;
    return (await this.ask<{ calendars: { calendarId: string; proposed: boolean }[] }>('GET', path))
      .calendars;
  }

  async choose(calendarIds: string[]): Promise<void> {
    await this.ask('PUT', `/api/calendar/providers/${this.providerId}/calendars`, { calendarIds });
  }

  becomes(what: string, asExpected: (status: AccountStatus) => boolean): Promise<AccountStatus> {
    const path = `/api/calendar/providers/${this.providerId}/status`;
    return askedUntil(`${this.address} ${what}`, () => this.ask<AccountStatus>('GET', path), asExpected);
  }

  becomesConnected(): Promise<AccountStatus> {
    return this.becomes(
      'is connected, with every calendar',
      ({ status, calendars }) =>
        status === 'connected' && calendars.every((calendar) => calendar.status === 'connected'),
    );
  }

  /** As an admin reads it. */
  async history(): Promise<Happening[]> {
    const path = `/api/calendar/providers/${this.providerId}/history`;
    return (await this.tenant.ask<{ history: Happening[] }>('GET', path)).history;
  }
}
