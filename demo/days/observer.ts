import { PROVIDER_PROBLEM_RAISED } from '#contracts/provider-problem';
import { kindOf } from './fault-kinds.js';
import type { CalendarStatus } from '../calendar-user.js';
import type { Happening, MailboxStatus } from '../mailbox.js';
import type { DaysCast } from './cast.js';
import { nothingYet, type Observations } from './observations.js';
import { struckBy, type PlannedFault } from './plan.js';
import { connections, roster, type Connection } from './roster.js';
import { note } from './spans.js';

interface Shown {
  status: string;
  codes: string[];
}
interface Coded {
  code: string;
}
type MailboxAnswer = MailboxStatus & { id: string };
interface CalendarAnswer {
  id: string;
  status: string;
  problem: Coded | null;
  notices: Coded[];
  calendars: CalendarStatus[];
}

/** Looks at everybody from outside, as the PSA's pages would, and at Google's own truth, and writes down what changed since the last look. */
export class Observer {
  readonly seen: Observations = nothingYet();
  /** Mails and changes of which the PSA does not know yet, by name. */
  private readonly awaited = new Map<
    string,
    { isThere: () => boolean; sent: Observations['sent'][number] }[]
  >();

  constructor(
    private readonly cast: DaysCast,
    private readonly now: () => number,
  ) {}

  expect(name: string, isThere: () => boolean): void {
    const sent = { name, at: this.now(), deliveredAt: null };
    this.seen.sent.push(sent);
    this.awaited.set(name, [...(this.awaited.get(name) ?? []), { isThere, sent }]);
  }

  /** Those to whom something was sent that the PSA does not have yet. */
  get awaiting(): string[] {
    return [...this.awaited.keys()];
  }

  /** `current`: the faults of which something may still be told in histories. */
  async look(current: readonly PlannedFault[]): Promise<void> {
    const at = this.now();
    this.lookAtDeliveries(at);
    this.lookAtProblemsDelivered();
    this.lookAtGoogle(at);
    await this.lookAtStatuses(at);
    await this.lookAtHistories(current);
  }

  /** What can be seen while nobody answers. */
  lookFromOutside(): void {
    this.lookAtDeliveries(this.now());
    this.lookAtGoogle(this.now());
  }

  private lookAtDeliveries(at: number): void {
    for (const [name, waiting] of this.awaited) {
      const left = waiting.filter(({ isThere, sent }) => {
        if (isThere()) sent.deliveredAt = at;
        return sent.deliveredAt === null;
      });
      if (left.length === 0) this.awaited.delete(name);
      else this.awaited.set(name, left);
    }
  }

  private lookAtProblemsDelivered(): void {
    const changes = [...this.cast.stage.psa.problemChanges.values()];
    for (const { providerId, problem, severity, problemId, type, at } of changes.slice(
      this.seen.delivered.length,
    )) {
      const { name } = connections.find((one) => this.cast.providerIdOf(one.name) === providerId)!;
      const change = type === PROVIDER_PROBLEM_RAISED ? 'raised' : 'cleared';
      this.seen.delivered.push({
        name,
        code: problem.code,
        severity,
        problemId,
        change,
        at: this.now() - this.minutesAgo(at),
      });
    }
  }

  private lookAtGoogle(at: number): void {
    const { world } = this.cast.stage.embedded.simulator;
    const isNotified = ({ kind, account }: Connection): boolean => {
      if (kind === 'calendar') return world.calendar.channels.aliveOn(account).length > 0;
      const mailbox = world.gmail.mailboxOf(world.user(account)!);
      return mailbox !== undefined && world.gmail.watches.on(mailbox).length > 0;
    };
    for (const one of connections) {
      const { name } = one;
      note(this.seen.lapses, ({ name: whose }) => whose === name, isNotified(one) ? [] : [{ name }], at);
    }
  }

  private async lookAtStatuses(at: number): Promise<void> {
    const shown = new Map<string, Shown>();
    await Promise.all(
      roster.map(async ({ id }) => {
        const tenant = this.cast.tenant(id);
        const [mails, calendars] = await Promise.all([
          tenant.ask<{ providers: MailboxAnswer[] }>('GET', '/api/email/providers'),
          tenant.ask<{ providers: CalendarAnswer[] }>('GET', '/api/calendar/providers'),
        ]);
        for (const one of mails.providers) shown.set(one.id, { status: one.status, codes: codesOf([one]) });
        for (const one of calendars.providers)
          shown.set(one.id, { status: one.status, codes: codesOf([one, ...one.calendars]) });
      }),
    );
    for (const { name } of connections) {
      const { status, codes } = shown.get(this.cast.providerIdOf(name))!;
      const isOurs = (one: { name: string }): boolean => one.name === name;
      note(
        this.seen.sightings,
        isOurs,
        codes.map((code) => ({ name, code })),
        at,
      );
      note(this.seen.disconnections, isOurs, status === 'connected' ? [] : [{ name, status }], at);
    }
  }

  private async lookAtHistories(current: readonly PlannedFault[]): Promise<void> {
    for (const fault of current) {
      const { shows, clears } = kindOf(fault.kind);
      for (const { name, kind, tenant } of struckBy(fault)) {
        const wanted = [shows[kind], clears].flatMap((sign) => (sign?.by === 'event' ? [sign.type] : []));
        if (wanted.length === 0) continue;
        const path = kind === 'mailbox' ? 'email' : 'calendar';
        const { history } = await this.cast
          .tenant(tenant.id)
          .ask<{ history: (Happening & { at: string })[] }>(
            'GET',
            `/api/${path}/providers/${this.cast.providerIdOf(name)}/history`,
          );
        for (const { type, at, sentence } of history.filter((one) => wanted.includes(one.type))) {
          const told = { name, type, at: this.now() - this.minutesAgo(at), sentence };
          const isKnown = this.seen.told.some(
            (one) => one.name === name && one.type === type && Math.abs(one.at - told.at) < 0.05,
          );
          if (!isKnown) this.seen.told.push(told);
        }
      }
    }
  }

  private minutesAgo(at: string): number {
    return (this.cast.stage.clock.now().getTime() - Date.parse(at)) / 60_000;
  }
}

const codesOf = (parts: { problem: Coded | null; notices: Coded[] }[]): string[] => [
  ...new Set(
    parts
      .flatMap(({ problem, notices }) => [...(problem ? [problem] : []), ...notices])
      .map(({ code }) => code),
  ),
];
