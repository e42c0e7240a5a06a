import { createHash } from 'node:crypto';
import type { Caller } from '../bearer.js';
import type { World } from '../world.js';
import { notFound, pushRefused, required, unauthorizedWebhook } from './calendar-refusals.js';
import { ChannelPusher } from './channel-pusher.js';
import type { GoogleCalendar } from './google-calendar.js';

const DEFAULT_LIFETIME_MS = 7 * 86_400_000;

export interface Channel {
  readonly id: string;
  readonly projectId: string;
  /** Only the user (`sub`) and the client that opened it can stop it. */
  readonly clientId: string;
  readonly sub: string;
  readonly calendarId: string;
  readonly resourceId: string;
  readonly address: string;
  readonly token?: string;
  /** What the caller was told. */
  readonly expiration: Date;
  /** From when on it is silent; earlier than `expiration` once it is stopped. */
  endsAt: Date;
  /** Of the last notification. */
  messageNumber: number;
}

export interface ChannelRequest {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly address?: string | undefined;
  readonly token?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiration?: number | undefined;
  readonly ttlSeconds?: number | undefined;
}

/** Who is told about changes in which calendar: as many channels as were opened, each until it ends. */
export class Channels {
  readonly pusher: ChannelPusher;
  /** By project and channel id; ids stay in use when a channel has ended. */
  private readonly opened = new Map<string, Channel>();
  /** Several changes of one request make one notification. */
  private readonly changed = new Set<GoogleCalendar>();

  constructor(private readonly world: World) {
    this.pusher = new ChannelPusher(world);
  }

  /** Opens a channel and posts `sync`. @throws GoogleError in the words of events.watch */
  async open(
    calendar: GoogleCalendar,
    caller: Extract<Caller, { kind: 'user' }>,
    request: ChannelRequest,
  ): Promise<Channel> {
    const { id, address, token } = this.checked(calendar, caller.project.id, request);
    const expiration = this.expirationFor(request);
    const channel: Channel = {
      id,
      projectId: caller.project.id,
      clientId: caller.client.clientId,
      sub: caller.user.sub,
      calendarId: calendar.id,
      resourceId: resourceIdOf(calendar),
      address,
      ...(token && { token }),
      expiration,
      endsAt: expiration,
      messageNumber: 0,
    };
    this.opened.set(`${channel.projectId} ${id}`, channel);
    const posted = this.pusher.post(channel, 'sync', this.ownerOf(channel));
    if (this.world.calendar.settings.syncBeforeAnswer) await posted;
    return channel;
  }

  /** @throws GoogleError 404 unless this user and client opened it and it is alive */
  stop(caller: Extract<Caller, { kind: 'user' }>, id: string, resourceId: string): void {
    const { project, user, client } = caller;
    const channel = this.opened.get(`${project.id} ${id}`);
    const isTheirs = channel?.sub === user.sub && channel.clientId === client.clientId;
    const isStopped = channel !== undefined && channel.endsAt < channel.expiration;
    if (!channel || !isTheirs || isStopped || channel.resourceId !== resourceId || this.hasEnded(channel))
      throw notFound(`Channel '${id}' not found for project '${project.number}'`);
    const trailing = this.world.now().getTime() + this.world.calendar.settings.trailingAfterStopMs;
    channel.endsAt = new Date(Math.min(trailing, channel.expiration.getTime() - 1));
  }

  /** Posts `exists` to every channel on the calendar that is alive, once for all changes of the running request. */
  notify(calendar: GoogleCalendar): void {
    if (this.changed.size === 0) queueMicrotask(() => this.notifyOfChanges());
    this.changed.add(calendar);
  }

  endOf(calendar: GoogleCalendar): void {
    const now = this.world.now();
    for (const channel of this.aliveOn(calendar.id)) channel.endsAt = now;
  }

  list(): Channel[] {
    return [...this.opened.values()];
  }

  aliveOn(calendarId: string): Channel[] {
    return this.list().filter((one) => one.calendarId === calendarId && !this.hasEnded(one));
  }

  byId(id: string): Channel | undefined {
    return this.list().find((one) => one.id === id);
  }

  restore(channels: readonly Channel[]): void {
    for (const channel of channels) this.opened.set(`${channel.projectId} ${channel.id}`, { ...channel });
  }

  private notifyOfChanges(): void {
    const calendars = [...this.changed];
    this.changed.clear();
    for (const calendar of calendars) {
      for (const channel of this.aliveOn(calendar.id))
        void this.pusher.post(channel, 'exists', this.ownerOf(channel));
    }
  }

  private checked(
    calendar: GoogleCalendar,
    projectId: string,
    { id, type, address, token }: ChannelRequest,
  ): { id: string; address: string; token?: string | undefined } {
    const { settings } = this.world.calendar;
    if (!id) throw required('Required parameter: channel.id');
    if (!type) throw required('Required parameter: channel.type');
    if (!address) throw required('Required parameter: channel.address');
    if (!/^[A-Za-z0-9\-_+/=]{1,64}$/.test(id)) throw pushRefused('invalid', `Invalid channel id: ${id}`);
    if (type !== 'web_hook' && type !== 'webhook')
      throw pushRefused('push.channelTypeNotSupported', `Channel type not supported: ${type}`);
    if ((token ?? '').length > 256) throw pushRefused('invalid', 'The channel token is too long.');
    const url = URL.parse(address);
    const isLoopback = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
    const isAllowed = settings.allowLoopbackPush && isLoopback && url.protocol === 'http:';
    if (url?.protocol !== 'https:' && !isAllowed)
      throw pushRefused('push.webhookUrlNotHttps', `WebHook callback must be HTTPS: ${address}`);
    if (settings.projectsRefusingWebhooks.includes(projectId)) throw unauthorizedWebhook(address);
    if (calendar.unwatchable) {
      throw pushRefused(
        'pushNotSupportedForRequestedResource',
        'Push notifications are not supported by this resource.',
      );
    }
    if (this.opened.has(`${projectId} ${id}`))
      throw pushRefused('channelIdNotUnique', `Channel id ${id} not unique`);
    return { id, address, token };
  }

  /** The strictest of what was asked for and Google's own limit. */
  private expirationFor({ expiration, ttlSeconds }: ChannelRequest): Date {
    const now = this.world.now().getTime();
    const asked = [expiration, ttlSeconds === undefined ? undefined : now + ttlSeconds * 1_000];
    const wanted = asked.filter((one) => one !== undefined);
    const until = wanted.length > 0 ? Math.min(...wanted) : now + DEFAULT_LIFETIME_MS;
    // Whole seconds: this is what the header can say.
    const most = now + this.world.calendar.settings.longestChannelMs;
    return new Date(Math.floor(Math.min(until, most) / 1_000) * 1_000);
  }

  private hasEnded({ endsAt }: Channel): boolean {
    return endsAt <= this.world.now();
  }

  private ownerOf({ sub }: Channel): string[] {
    const user = this.world.userBySub(sub);
    return user ? [user.email] : [];
  }
}

/** The same for every channel on a calendar's events. */
export function resourceIdOf({ id }: GoogleCalendar): string {
  return createHash('sha256').update(`events ${id}`).digest('base64url').slice(0, 27);
}
