import type { CanonicalStatus } from './google-error.js';

/** Which traffic a fault strikes. All given conditions must hold. */
export interface FaultMatch {
  /** Requests to the simulator, or what it sends out itself. */
  readonly on: 'request' | 'pubsub-push' | 'calendar-push';
  /** HTTP method; requests only. */
  readonly method?: string;
  /** Regular expression on the request's path; for pushes, on the subscription's or channel's name. */
  readonly pathPattern?: string;
  /** E-mail of a user or service account, or an OAuth client's id; for Pub/Sub pushes the mailbox, where there is one. */
  readonly caller?: string;
}

export type FaultEffect =
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly status?: CanonicalStatus;
      readonly domain?: string;
      /** The Retry-After header: seconds, or an HTTP date. Google promises none, and sends one at times. */
      readonly retryAfter?: string;
    }
  | {
      readonly kind: 'oauth-error';
      readonly code: number;
      readonly error: string;
      readonly description?: string;
    }
  | { readonly kind: 'html'; readonly code: number; readonly body?: string }
  /** Real milliseconds for requests, which are then served even if the caller has gone; simulated milliseconds for pushes. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** A request's connection is reset: unserved, or (`afterwards`) after the work was done. A push is never sent. */
  | { readonly kind: 'drop'; readonly afterwards?: boolean }
  /** Pushes only. */
  | { readonly kind: 'duplicate'; readonly copies?: number }
  /** Pushes only: holds this many, then sends them latest first. */
  | { readonly kind: 'reorder'; readonly hold: number };

export interface Fault {
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  /** How often it strikes; absent = until it is removed. */
  readonly times?: number;
}

export interface ActiveFault extends Fault {
  readonly id: string;
  struck: number;
}

/** The traffic at hand, to be held against the faults. */
export interface Traffic {
  readonly on: FaultMatch['on'];
  readonly method?: string;
  readonly path: string;
  /** All names under which the caller is known. */
  readonly callers: readonly string[];
}

export class FaultRegistry {
  private readonly active = new Map<string, ActiveFault>();
  private next = 1;

  add(fault: Fault): ActiveFault {
    const added = { ...fault, id: `fault-${this.next++}`, struck: 0 };
    this.active.set(added.id, added);
    return added;
  }

  remove(id: string): boolean {
    return this.active.delete(id);
  }

  clear(): void {
    this.active.clear();
  }

  list(): ActiveFault[] {
    return [...this.active.values()];
  }

  /** The effects that strike this traffic, oldest fault first; each counts as struck once. */
  strike(traffic: Traffic): FaultEffect[] {
    const striking = this.list().filter((fault) => matches(fault.match, traffic));
    for (const fault of striking) {
      fault.struck += 1;
      if (fault.times !== undefined && fault.struck >= fault.times) this.active.delete(fault.id);
    }
    return striking.map((fault) => fault.effect);
  }
}

function matches(match: FaultMatch, traffic: Traffic): boolean {
  return (
    match.on === traffic.on &&
    (match.method === undefined || match.method.toUpperCase() === traffic.method?.toUpperCase()) &&
    (match.pathPattern === undefined || new RegExp(match.pathPattern).test(traffic.path)) &&
    (match.caller === undefined || traffic.callers.includes(match.caller))
  );
}
