import { randomBytes } from 'node:crypto';
import { MovableClock } from '#time/clock';
import { CalendarState } from './calendar/calendar-state.js';
import { FaultRegistry } from './faults.js';
import { GmailState } from './gmail/gmail-state.js';
import { SigningKeys } from './keys.js';
import { OAuthState } from './oauth/oauth-state.js';
import type { OAuthClient, Project, ServiceAccount } from './projects.js';
import { PubSubState } from './pubsub/pubsub-state.js';
import { RequestLog } from './request-log.js';
import { Scheduler } from './scheduler.js';
import type { SavedWorld } from './state/saved-world.js';
import type { GoogleUser, Workspace } from './users.js';

/** All that the simulated Google knows, in memory. */
export class World {
  readonly clock = new MovableClock();
  readonly scheduler = new Scheduler(this.clock);
  readonly keys = new SigningKeys(this.clock.now());
  readonly faults = new FaultRegistry();
  readonly requestLog = new RequestLog();
  /** By project id. */
  readonly projects = new Map<string, Project>();
  /** By e-mail in lower case. */
  readonly users = new Map<string, GoogleUser>();
  /** By domain. */
  readonly workspaces = new Map<string, Workspace>();
  readonly oauth = new OAuthState(this);
  readonly gmail = new GmailState(this);
  readonly pubsub = new PubSubState(this);
  readonly calendar = new CalendarState(this);
  /** Where the simulator is reached on its own machine, without a trailing slash; set once it listens. */
  url = '';
  /** Where others reach it, without a trailing slash; `url` unless something stands in between. */
  publicUrl = '';

  now(): Date {
    return this.clock.now();
  }

  /** Seconds since 1970 on the simulated clock, as JWTs count. */
  epochSeconds(): number {
    return Math.floor(this.now().getTime() / 1_000);
  }

  /** A decimal number of this many digits that was not given out before, e.g. a project number or a `sub`. */
  nextId(digits: number): string {
    const random = BigInt(`0x${randomBytes(16).toString('hex')}`).toString();
    return `1${random.padStart(digits, '0').slice(-(digits - 1))}`;
  }

  user(email: string): GoogleUser | undefined {
    return this.users.get(email.toLowerCase());
  }

  userBySub(sub: string): GoogleUser | undefined {
    return [...this.users.values()].find((user) => user.sub === sub);
  }

  client(clientId: string): { client: OAuthClient; project: Project } | undefined {
    for (const project of this.projects.values()) {
      const client = project.clients.find((one) => one.clientId === clientId);
      if (client) return { client, project };
    }
    return undefined;
  }

  serviceAccount(email: string): { account: ServiceAccount; project: Project } | undefined {
    for (const project of this.projects.values()) {
      const account = project.serviceAccounts.find((one) => one.email === email);
      if (account) return { account, project };
    }
    return undefined;
  }

  /** Refers to what lives on: to be encoded before anything else happens. */
  snapshot(): SavedWorld {
    return {
      clockOffsetMs: this.clock.offsetMs,
      signingKey: this.keys.snapshot(),
      projects: [...this.projects.values()],
      users: [...this.users.values()],
      workspaces: [...this.workspaces.values()],
      oauth: this.oauth.snapshot(),
      gmail: this.gmail.snapshot(),
      pubsub: this.pubsub.snapshot(),
      calendar: this.calendar.snapshot(),
    };
  }

  /** For a world in which nothing has happened yet. `rawOf` gives the bytes of mails. */
  restore(saved: SavedWorld, rawOf: (mailbox: string, messageId: string) => Buffer): void {
    this.clock.advance(saved.clockOffsetMs);
    this.keys.restore(saved.signingKey);
    for (const project of saved.projects) this.projects.set(project.id, project);
    for (const user of saved.users) this.users.set(user.email, user);
    for (const workspace of saved.workspaces) this.workspaces.set(workspace.domain, workspace);
    this.oauth.restore(saved.oauth);
    this.gmail.restore(saved.gmail, rawOf);
    this.pubsub.restore(saved.pubsub);
    if (saved.calendar) this.calendar.restore(saved.calendar);
  }

  close(): void {
    this.calendar.channels.pusher.close();
    this.scheduler.close();
  }
}
