import { minutes } from '#time/clock';
import { timesOn } from '../calendars.js';
import { simpleMail } from '../mailbox.js';
import type { Report } from '../report.js';
import type { Stage } from '../stage.js';
import type { DaysCast } from './cast.js';
import { kindOf } from './fault-kinds.js';
import { Observer } from './observer.js';
import type { Observations } from './observations.js';
import { befalls, overAt, type Plan, type PlannedChange, type PlannedFault } from './plan.js';
import { beginFault } from './playing-faults.js';
import type { OwnServers } from './servers.js';
import { Stillness } from './stillness.js';
import { awaitedOf, lookEvery, momentOf, verdictOn } from './verdict.js';

interface Occasion {
  at: number;
  /** Whether everything has to be still before. Mails and changes come whenever they come. */
  fromStillness: boolean;
  happen: () => Promise<void>;
}

/**
 * In minutes, while nothing is going on. Everything is read every 10 to 15 minutes and counts as left alone after 45: a longer step would make
 * services stand still that do not.
 */
const quietStep = 29;
/** In minutes, while something was sent that has not come. */
const onTheWayStep = 5;

/** Moves all clocks through the plan: far while nothing is going on, in short steps while something is awaited. */
export class Days {
  private readonly begun: number;
  private readonly observer: Observer;
  private readonly running = new Map<PlannedFault, () => Promise<void>>();
  /** Faults that began and are not yet over for everybody. */
  private readonly current = new Set<PlannedFault>();
  private readonly events = new Map<string, string>();
  private readonly wrongBefore = new Set<string>();
  private stillness: Stillness;

  private constructor(
    private readonly stage: Stage,
    private readonly servers: OwnServers,
    private readonly cast: DaysCast,
    private readonly plan: Plan,
    stillness: Stillness,
  ) {
    this.stillness = stillness;
    this.begun = stage.clock.now().getTime();
    this.observer = new Observer(cast, () => this.now);
  }

  static async begin(stage: Stage, servers: OwnServers, cast: DaysCast, plan: Plan): Promise<Days> {
    return new Days(stage, servers, cast, plan, await Stillness.open(stage));
  }

  get seen(): Observations {
    return this.observer.seen;
  }

  /** One step of the report for each day. */
  async pass(report: Report): Promise<void> {
    const occasions = this.occasions();
    for (let day = 1; day <= this.plan.days; day += 1) {
      await report.step(`Day ${day}`, async () => {
        const end = day * 24 * 60;
        while (occasions[0] && occasions[0].at < end) {
          const { at } = occasions[0];
          const now = occasions.splice(0, occasions.findLastIndex((one) => one.at === at) + 1);
          await this.passUntil(at, { looking: now.some(({ fromStillness }) => fromStillness) });
          for (const { happen } of now) await happen();
          await this.look();
        }
        await this.passUntil(end);
        return this.accountOf(day);
      });
    }
  }

  close(): Promise<void> {
    return this.stillness.close();
  }

  private get now(): number {
    return (this.stage.clock.now().getTime() - this.begun) / minutes(1);
  }

  private async passUntil(moment: number, { looking } = { looking: true }): Promise<void> {
    while (this.now < moment) {
      const step = Math.min(this.stepNow(), moment - this.now);
      await this.stage.pass(Math.ceil(minutes(step)));
      if (looking || this.now < moment) await this.look();
    }
  }

  /** What is awaited decides how far the clock may be moved before somebody looks. */
  private stepNow(): number {
    const awaited = [...this.current].map((fault) => {
      const { within, clearsWithin } = kindOf(fault.kind);
      switch (awaitedOf(fault, this.seen)) {
        case 'beginning':
          return lookEvery(within);
        case 'end':
          return lookEvery(clearsWithin);
        case 'nothing':
          return quietStep;
      }
    });
    const isOnItsWay = this.observer.awaiting.some((connection) => !this.isHeldBack(connection));
    return Math.min(isOnItsWay ? onTheWayStep : quietStep, ...awaited);
  }

  /** Nothing comes before somebody has mended what keeps it back. */
  private isHeldBack(connection: string): boolean {
    return [...this.running.keys()].some(
      ({ kind, whom }) => kindOf(kind).clears.by === 'connected' && befalls({ whom }, connection),
    );
  }

  private async look(): Promise<void> {
    const kinds = [...this.running.keys()].map(({ kind }) => kind);
    if (kinds.includes('nats-away') || kinds.includes('postgres-away'))
      return this.observer.lookFromOutside();
    await this.stillness.reached(kinds.includes('gmail-killed') ? ['gmail'] : []);
    await this.observer.look([...this.current]);
    for (const fault of this.current) if (this.now > overAt(fault) + 30) this.current.delete(fault);
  }

  private occasions(): Occasion[] {
    const { faults, mails, changes } = this.plan;
    const ofFaults = faults.flatMap((fault): Occasion[] => [
      { at: fault.at, fromStillness: true, happen: () => this.begin(fault) },
      { at: fault.until, fromStillness: true, happen: () => this.end(fault) },
    ]);
    const ofMails = mails.map(({ at, mailbox, subject }): Occasion => ({
      at,
      fromStillness: false,
      happen: () => this.mail(mailbox, subject),
    }));
    const ofChanges = changes.map((change): Occasion => ({
      at: change.at,
      fromStillness: false,
      happen: () => this.change(change),
    }));
    return [...ofFaults, ...ofMails, ...ofChanges].sort((one, other) => one.at - other.at);
  }

  private async begin(fault: PlannedFault): Promise<void> {
    const played = { from: this.now, until: null };
    this.seen.played.set(fault, played);
    this.current.add(fault);
    const { cast, stage, servers } = this;
    if (fault.kind === 'machine-restarted') await this.stillness.close();
    const mail = (mailbox: string, subject: string) => this.mail(mailbox, subject);
    this.running.set(fault, await beginFault({ cast, stage, servers, mail }, fault));
    if (fault.kind === 'machine-restarted') this.stillness = await Stillness.open(stage);
  }

  private async end(fault: PlannedFault): Promise<void> {
    await this.running.get(fault)!();
    this.running.delete(fault);
    this.seen.played.get(fault)!.until = this.now;
  }

  private async mail(name: string, subject: string): Promise<void> {
    const { google, psa } = this.stage;
    const { address, providerId } = this.cast.mailboxes.get(name)!;
    const { id } = await google.gmail.deliver(address, simpleMail(subject));
    this.observer.expect(name, () => psa.email(providerId, id) !== undefined);
  }

  private async change({ calendar: name, event, change }: PlannedChange): Promise<void> {
    const calendar = this.cast.calendars.get(name)!;
    const { google, calendarId } = calendar;
    const key = `${name} ${event}`;
    const id = this.events.get(key);
    await calendar.changed(async () => {
      if (change === 'add') {
        const added = await google.insertEvent(calendarId, {
          summary: `Appointment ${event + 1}`,
          ...timesOn(this.stage.clock.now(), 1 + (event % 20)),
        });
        this.events.set(key, added.id);
      } else if (change === 'edit')
        await google.editEvent(calendarId, id!, { location: `Room ${Math.round(this.now)}` });
      else await google.deleteEvent(calendarId, id!);
    });
    const made = calendar.changesMade;
    this.observer.expect(name, () => calendar.deliveries.length >= made);
  }

  /** So that nobody has to wait for the last day to know. */
  private wrongSoFar(day: number): string[] {
    const { rows, unexplained, lapsed } = verdictOn(this.plan, this.seen);
    const over = rows.filter(({ fault }) => Math.floor(overAt(fault) / 1_440) + 1 <= day);
    const wrong = [...over.flatMap((row) => row.wrong), ...unexplained, ...lapsed];
    const news = wrong.filter((each) => !this.wrongBefore.has(each));
    for (const each of news) this.wrongBefore.add(each);
    return news.map((each) => `not as planned: ${each}`);
  }

  private accountOf(day: number): string {
    const isOfToday = ({ at }: { at: number }): boolean => Math.floor(at / 1_440) + 1 === day;
    const sent = this.plan.mails.filter(isOfToday).length;
    const made = this.plan.changes.filter(isOfToday).length;
    const faults = this.plan.faults
      .filter(isOfToday)
      .map(({ kind, whom, at }) => `${momentOf(at).split(', ')[1]} ${kindOf(kind).title} (${whom})`);
    return [`${sent} mails, ${made} changes`, ...faults, ...this.wrongSoFar(day)].join('; ');
  }
}
