import { CalendarUser } from '../calendar-user.js';
import { timesOn } from '../calendars.js';
import { KeptCalendar } from '../kept-calendar.js';
import { Mailbox } from '../mailbox.js';
import type { Report } from '../report.js';
import type { Stage } from '../stage.js';
import { Tenant } from '../tenant.js';
import { roster, type RosterTenant } from './roster.js';

/** Those of the roster, alive: by tenant's id and by address. */
export class DaysCast {
  readonly tenants = new Map<string, Tenant>();
  readonly mailboxes = new Map<string, Mailbox>();
  readonly calendars = new Map<string, KeptCalendar>();

  constructor(readonly stage: Stage) {
    for (const { id, mailboxes, calendars } of roster) {
      const tenant = new Tenant(id, stage);
      this.tenants.set(id, tenant);
      for (const address of mailboxes) this.mailboxes.set(address, new Mailbox(tenant, address));
      for (const address of calendars)
        this.calendars.set(address, new KeptCalendar(new CalendarUser(tenant, address), address, address));
    }
  }

  tenant(id: string): Tenant {
    return this.tenants.get(id)!;
  }

  providerIdOf(address: string): string {
    return this.mailboxes.get(address)?.providerId ?? this.calendars.get(address)!.user.providerId;
  }

  /** A person signs in at Google and agrees, once more. */
  async connectAgain(address: string): Promise<void> {
    const mailbox = this.mailboxes.get(address);
    if (mailbox) await mailbox.connect();
    else await this.calendars.get(address)!.user.consent();
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
    users: [...mailboxes, ...calendars].map((email) => ({ email, ...account })),
  });
  await tenant.ask('PUT', '/api/google/config', tenant.googleApp());
  for (const address of mailboxes) {
    const mailbox = cast.mailboxes.get(address)!;
    await mailbox.create();
    await mailbox.connect();
  }
  for (const address of calendars) await connectCalendar(cast.calendars.get(address)!, account);
  for (const address of mailboxes) await cast.mailboxes.get(address)!.recovers();
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
