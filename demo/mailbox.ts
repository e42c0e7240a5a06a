import { seconds } from '#time/clock';
import type { ConsentWishes } from '#google-simulator/oauth/consent-walk';
import { check } from './report.js';
import type { Stage } from './stage.js';
import type { Tenant } from './tenant.js';
import type { HttpAnswer } from './visitor.js';
import { askedUntil } from './waiting.js';

/** What the API says of a mailbox; the fields that the story looks at. */
export interface MailboxStatus {
  status: 'disconnected' | 'configuring' | 'connected' | 'error';
  problem: Told | null;
  notices: Told[];
  paused: boolean;
  watchExpiresAt: string | null;
  authorizationExpiresAt: string | null;
  lastPushAt: string | null;
}

interface Told {
  code: string;
  sentence: string;
  actor: string;
  remedy: string;
  link: string | null;
  nextAttemptAt: string | null;
}

export interface Happening {
  type: string;
  sentence: string;
  by: string;
  data: Record<string, unknown>;
}

export type Mail = Parameters<Stage['google']['gmail']['deliver']>[1];

const mostAttempts = 20;

const isWell = ({ status, problem }: MailboxStatus): boolean => status === 'connected' && problem === null;
const toldBy = ({ problem, notices }: MailboxStatus): Told[] => [...(problem ? [problem] : []), ...notices];

/** A mailbox of a tenant: its owner, who consents and gets mail, and the admin, who looks after it. */
export class Mailbox {
  providerId = '';
  /** Gmail ids of what came but is not for the PSA: before the connection, spam, without the label. */
  readonly notForThePsa = new Set<string>();

  constructor(
    readonly tenant: Tenant,
    readonly address: string,
    private readonly settings: Record<string, unknown> = {},
  ) {}

  async create(): Promise<void> {
    const { id } = await this.tenant.ask<{ id: string }>('POST', '/api/email/providers', {
      name: this.address,
      mailbox: this.address,
      ...this.settings,
    });
    this.providerId = id;
    const path = `/api/email/providers/${id}/status`;
    await askedUntil(
      'the status knows the mailbox',
      () => this.tenant.call('GET', path),
      ({ status }) => status === 200,
    );
  }

  /** Up to where Google sends the browser back to. */
  async consent(wishes: Partial<ConsentWishes> = {}): Promise<HttpAnswer> {
    const { stage } = this.tenant;
    const { authUrl } = await this.tenant.ask<{ authUrl: string }>('POST', '/api/email/oauth/initiate', {
      provider: 'google',
      providerId: this.providerId,
    });
    const page = new URL(authUrl);
    // Google offers the expected account; whoever wants another one says so on its page.
    if (wishes.account) page.searchParams.delete('login_hint');
    const back = await stage.google.consent(page.href, { account: this.address, ...wishes });
    check(back.kind === 'redirected', 'Google sends the person back to the PSA', back);
    return stage.visitor.visit('GET', back.url.href);
  }

  /** The whole way; the page at its end has to say that it worked. */
  async connect(): Promise<void> {
    const page = await this.consent();
    check(page.text.includes('is connected'), 'the page says that the mailbox is connected', wordsOf(page));
  }

  status(): Promise<MailboxStatus> {
    return this.tenant.ask('GET', `/api/email/providers/${this.providerId}/status`);
  }

  becomes(what: string, asExpected: (status: MailboxStatus) => boolean): Promise<MailboxStatus> {
    return askedUntil(`${this.address} ${what}`, () => this.status(), asExpected);
  }

  becomesConnected(): Promise<MailboxStatus> {
    return this.becomes('is connected', isWell);
  }

  /** Time passes up to the next attempt that the status announces, again and again, until the mailbox is connected. */
  async recovers(): Promise<MailboxStatus> {
    const { stage } = this.tenant;
    const wait = (status: MailboxStatus): number =>
      Math.min(
        ...toldBy(status)
          .flatMap(({ nextAttemptAt }) =>
            nextAttemptAt ? [Date.parse(nextAttemptAt) - stage.clock.now().getTime()] : [],
          )
          .filter((ms) => ms > 0),
      );
    for (let attempts = 0; attempts < mostAttempts; attempts += 1) {
      const status = await this.becomes(
        'is connected, or says when it is tried again',
        (one) => isWell(one) || Number.isFinite(wait(one)),
      );
      if (isWell(status)) return status;
      await stage.pass(wait(status) + seconds(1));
    }
    return this.becomesConnected();
  }

  /** Its problem, or one of its notices, with that code. */
  async becomesTroubledBy(code: string): Promise<Told> {
    const of = (status: MailboxStatus): Told | undefined => toldBy(status).find((one) => one.code === code);
    return of(await this.becomes(`says ${code}`, (status) => of(status) !== undefined))!;
  }

  async history(): Promise<Happening[]> {
    const path = `/api/email/providers/${this.providerId}/history?limit=500`;
    return (await this.tenant.ask<{ history: Happening[] }>('GET', path)).history;
  }

  post<Answer>(action: string, body?: unknown): Promise<Answer> {
    return this.tenant.ask('POST', `/api/email/providers/${this.providerId}/${action}`, body ?? {});
  }

  /** The world sends a mail. Gmail notifies at most once a second, so a second passes before. Returns the Gmail id. */
  async gets(
    mail: Mail,
    { labels, wanted = true }: { labels?: string[]; wanted?: boolean } = {},
  ): Promise<string> {
    const { stage } = this.tenant;
    await stage.pass(seconds(1.1));
    const { id } = await stage.google.gmail.deliver(this.address, mail, labels);
    if (!wanted) this.notForThePsa.add(id);
    return id;
  }

  /** All that should have come to the PSA, by what Google knows. */
  async expected(): Promise<string[]> {
    const arrivals = await this.tenant.stage.google.gmail.arrivals(this.address);
    return arrivals.map(({ id }) => id).filter((id) => !this.notForThePsa.has(id));
  }

  /** For what is tried again with growing delays: time passes until it has come. */
  async receivedInTime(gmailIds: string[]): Promise<void> {
    const { psa } = this.tenant.stage;
    const missing = (): boolean => gmailIds.some((id) => !psa.email(this.providerId, id));
    for (let attempts = 0; missing() && attempts < mostAttempts; attempts += 1) {
      await this.tenant.stage.pass(seconds(20));
      await psa.changes
        .until(
          'something came',
          () => !missing(),
          () => '',
          250,
        )
        .catch(() => {});
    }
    await this.received(gmailIds);
  }

  received(gmailIds: string[]): Promise<void> {
    return this.tenant.stage.psa.receives(this.providerId, gmailIds);
  }
}

/** What a person reads on a page. */
export const wordsOf = ({ text }: Pick<HttpAnswer, 'text'>): string =>
  (/<main[^>]*>([\s\S]*)<\/main>/.exec(text)?.[1] ?? text)
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export const simpleMail = (subject: string): Mail => ({
  from: 'Ann <ann@customer.example>',
  subject,
  text: `${subject}. Please help.`,
});
