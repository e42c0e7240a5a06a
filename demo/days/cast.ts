import { CalendarUser } from '../calendar-user.js';
import { timesOn } from '../calendars.js';
import { KeptCalendar } from '../kept-calendar.js';
import { Mailbox } from '../mailbox.js';
import type { Report } from '../report.js';
import type { Stage } from '../stage.js';
import { Tenant } from '../tenant.js';
import { connections, roster, type RosterTenant } from './roster.js';

/** Those of the roster, alive: by tenant's id and by the connection's name. */
export class DaysCast {
  readonly tenants = new Map<string, Tenant>();
  readonly mailboxes = new Map<string, Mailbox>();
  readonly calendars = new Map<string, KeptCalendar>();

  constructor(readonly stage: Stage) {
    for (const { id } of roster) this.tenants.set(id, new Tenant(id, stage));
    for (const { name, account, kind, tenant: of } of connections) {
      const tenant = this.tenant(of.id);
      if (kind === 'mailbox') this.mailboxes.set(name, new Mailbox(tenant, account));
      else this.calendars.set(name, new KeptCalendar(new CalendarUser(tenant, account), name, account));
    }
  }

  tenant(id: string): Tenant {
    return this.tenants.get(id)!;
  }

  providerIdOf(name: string): string {
    return this.mailboxes.get(name)?.providerId ?? this.calendars.get(name)!.user.providerId;
  }

  /** A person signs in at Google and agrees, once more. */
  async connectAgain(name: string): Promise<void> {
    const mailbox = this.mailboxes.get(name);
    if (mailbox) await mailbox.connect();
    else await this.calendars.get(name)!.user.consent();
  }
}

/** Everybody has a Google app, is connected, and has got what was there before. */
export async function connectEverybody(cast: DaysCast, report: Report): Promise<void> {
  for (const member of roster)
    await report.step(`${member.id} sets its Google app up and connects everybody`, () =>
      connect(cast, member),
    );
}

async function connect(cast: DaysCast, member: RosterTenant): Promise<string> {
  const { stage } = cast;
  const { id, projectId, appName, testing, workspaceDomain, mailboxes, calendars } = member;
  const tenant = cast.tenant(id);
  const account = workspaceDomain ? { workspaceDomain } : {};
  await tenant.begin({
    projectId,
    appName,
    ...(testing && { publishingStatus: 'testing' as const }),
    users: [...new Set([...mailboxes, ...calendars])].map((email) => ({ email, ...account })),
  });
  await tenant.ask('PUT', '/api/google/config', tenant.googleApp());
  const own = connections.filter((one) => one.tenant === member);
  const mailboxesOfTenant = own.flatMap(({ name }) => cast.mailboxes.get(name) ?? []);
  for (const mailbox of mailboxesOfTenant) {
    await mailbox.create();
    await mailbox.connect();
  }
  for (const { name } of own.filter(({ kind }) => kind === 'calendar'))
    await connectCalendar(cast.calendars.get(name)!, account);
  for (const mailbox of mailboxesOfTenant) await mailbox.recovers();
  return `${mailboxes.length} mailboxes and ${calendars.length} calendars, on ${stage.clock.now().toISOString().slice(0, 10)}`;
}

async function connectCalendar(calendar: KeptCalendar, account: { workspaceDomain?: string }): Promise<void> {
  const { user, google, calendarId } = calendar;
  await user.begin(account);
  await google.insertEvent(calendarId, {
    summary: 'From before',
    ...timesOn(user.tenant.stage.clock.now(), 40),
  });
  await calendar.noteChanges();
  await user.connect();
  await user.becomes('asks for a choice', ({ calendars: none }) => none.length === 0);
  await user.choose(['primary']);
  await user.becomesConnected();
  await calendar.deliveredInTime();
}
