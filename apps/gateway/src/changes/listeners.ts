import { Readable } from 'node:stream';
import { minutes, seconds } from '#time/clock';

export interface Change {
  tenantId: string;
  /** Null: something that all providers of the tenant share. */
  providerId: string | null;
}

/** Of one tenant at one gateway. Whoever is refused asks every now and then instead. */
export const mostListenersOfTenant = 50;
/** Many changes within this time are told as one. */
const gatheredForMs = 150;
/** Longer than what proxies wait for in silence would end the stream. */
const heartbeatEveryMs = seconds(20);
/** Then the listener comes again with the token that it has by then: a lost permission does not listen on. */
const longestMs = minutes(5);
/** So much unread text means that nobody reads. */
const patienceInBytes = 64 * 1024;

interface Listener {
  stream: Readable;
  seesProviders: boolean;
  openedAt: number;
  gathered: Set<string | null>;
  timer: NodeJS.Timeout | undefined;
}

/** Who listens for changes at this gateway, by tenant. Nothing is kept for whoever is away: it reads everything anew when it comes back. */
export class Listeners {
  private readonly ofTenants = new Map<string, Set<Listener>>();
  private heartbeat: NodeJS.Timeout | undefined;
  private ended = false;

  /** Null: the tenant has too many already. The ids of providers are told only to whom may see them. */
  open(tenantId: string, { seesProviders }: { seesProviders: boolean }): Readable | null {
    const ofTenant = this.ofTenants.get(tenantId) ?? new Set();
    if (ofTenant.size >= mostListenersOfTenant) return null;
    const stream = new Readable({ read: () => {} });
    const listener: Listener = {
      stream,
      seesProviders,
      openedAt: performance.now(),
      gathered: new Set(),
      timer: undefined,
    };
    stream.push('event: listening\ndata: {}\n\n');
    if (this.ended) {
      stream.push(null);
      return stream;
    }
    ofTenant.add(listener);
    this.ofTenants.set(tenantId, ofTenant);
    this.heartbeat ??= setInterval(() => this.beat(), heartbeatEveryMs).unref();
    stream.once('close', () => {
      clearTimeout(listener.timer);
      ofTenant.delete(listener);
      if (ofTenant.size === 0) this.ofTenants.delete(tenantId);
    });
    return stream;
  }

  tell({ tenantId, providerId }: Change): void {
    for (const listener of this.ofTenants.get(tenantId) ?? []) {
      listener.gathered.add(listener.seesProviders ? providerId : null);
      listener.timer ??= setTimeout(() => hand(listener), gatheredForMs);
    }
  }

  /** Changes may have been missed: everybody reads anew. */
  tellAll(): void {
    for (const tenantId of this.ofTenants.keys()) this.tell({ tenantId, providerId: null });
  }

  end(): void {
    this.ended = true;
    clearInterval(this.heartbeat);
    for (const ofTenant of this.ofTenants.values()) for (const { stream } of ofTenant) stream.push(null);
  }

  private beat(): void {
    for (const ofTenant of this.ofTenants.values())
      for (const { stream, openedAt } of ofTenant) {
        if (stream.readableLength > patienceInBytes) stream.destroy();
        else stream.push(performance.now() - openedAt > longestMs ? null : ': still here\n\n');
      }
  }
}

function hand(listener: Listener): void {
  const providerIds = [...listener.gathered].filter((id) => id !== null);
  const data = JSON.stringify({ shared: listener.gathered.has(null), providerIds });
  listener.gathered.clear();
  listener.timer = undefined;
  if (!listener.stream.destroyed) listener.stream.push(`event: changed\ndata: ${data}\n\n`);
}
