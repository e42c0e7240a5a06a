import { claimsOf, renewalAt, type Claims } from './claims.js';
import { Handover, inTime, partnerWindow, type Wish } from './handover.js';
import type { Settings } from './settings.js';
import { applyTheme } from './theme.js';

export type SessionState =
  | { kind: 'waiting' }
  /** `host`: a page that could hand over a token is there and did not. `ended`: there was one before. */
  | { kind: 'signed-out'; host: boolean; ended: boolean }
  | { kind: 'signed-in'; claims: Claims };

const storageKey = 'tenant-google.token';

/** The token of this tab. Handed over by a host it is only in memory; pasted by hand it is in the tab's own storage, which ends with the tab. */
export class Session {
  private current: SessionState = { kind: 'waiting' };
  private token: string | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly handover: Handover | null;
  private awaited: PromiseWithResolvers<string> | null = null;
  private renewal: ReturnType<typeof setTimeout> | undefined;

  constructor({ origins }: Settings) {
    const partner = partnerWindow();
    this.handover = partner
      ? new Handover(partner, origins, ({ token, theme }) => {
          if (theme) applyTheme(theme);
          this.take(token);
        })
      : null;
  }

  /** Asks the host, or takes what was pasted in this tab before. */
  async begin(): Promise<void> {
    this.handover?.listen();
    const kept = keptToken();
    if (kept) this.take(kept);
    else if (!(await this.renewed('start'))) this.signOut({ ended: false });
  }

  get state(): SessionState {
    return this.current;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  bearer(): string | null {
    return this.token;
  }

  /** Called when the gateway did not believe the token. Null: there is no other. */
  async replacement(refused: string | null): Promise<string | null> {
    // Another call may have brought a new one meanwhile.
    if (this.token !== refused) return this.token;
    const token = await this.renewed('refused');
    if (!token) this.signOut({ ended: true });
    return token;
  }

  /** False: it is no token. */
  paste(token: string): boolean {
    const bare = token.trim().replace(/^Bearer\s+/i, '');
    if (!claimsOf(bare)) return false;
    keep(bare);
    this.take(bare);
    return true;
  }

  askAgain(): void {
    this.become({ kind: 'waiting' });
    void this.renewed('start').then((token) => token ?? this.signOut({ ended: false }));
  }

  signOut({ ended }: { ended: boolean }): void {
    clearTimeout(this.renewal);
    this.token = null;
    keep(null);
    this.become({ kind: 'signed-out', host: this.handover !== null, ended });
  }

  tellHeight(height: number): void {
    if (isFramed()) this.handover?.tellHeight(height);
  }

  private async renewed(wish: Wish): Promise<string | null> {
    if (!this.handover) return null;
    this.awaited ??= Promise.withResolvers<string>();
    this.handover.ask(wish);
    return inTime(this.awaited.promise);
  }

  private take(token: string): void {
    const claims = claimsOf(token);
    if (!claims) return;
    this.token = token;
    this.awaited?.resolve(token);
    this.awaited = null;
    clearTimeout(this.renewal);
    const at = this.handover ? renewalAt(claims, Date.now()) : null;
    if (at !== null)
      this.renewal = setTimeout(() => void this.renewed('expiring'), Math.max(1_000, at - Date.now()));
    this.become({ kind: 'signed-in', claims });
  }

  private become(state: SessionState): void {
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}

export const isFramed = (): boolean => window.parent !== window;

/** In a frame of another site a browser may close its storage to us; nothing is kept there anyway. */
const keptToken = (): string | null => (isFramed() ? null : sessionStorage.getItem(storageKey));

function keep(token: string | null): void {
  if (isFramed()) return;
  if (token === null) sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, token);
}
