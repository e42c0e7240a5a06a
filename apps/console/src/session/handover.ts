import type { Theme } from './theme.js';

/** What the host's page sends. It may come without having been asked for. */
interface TokenMessage {
  type: 'tenant-google:token';
  token: string;
  theme?: Theme;
}

export type Wish = 'start' | 'expiring' | 'refused';

/** Longer than a host needs to ask its own server for a token. */
const patienceMs = 10_000;

/**
 * How the page around this one, or the one that opened it, hands over a token. Both ways are checked: the wish goes to listed origins only, and
 * only a listed origin in exactly that window is believed. The token is in no address and in no storage.
 */
export class Handover {
  constructor(
    private readonly partner: Window,
    private readonly origins: string[],
    private readonly onToken: (message: { token: string; theme: Theme | undefined }) => void,
  ) {}

  listen(): void {
    window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
      if (source !== this.partner || !this.origins.includes(origin) || !isToken(data)) return;
      this.onToken({ token: data.token, theme: data.theme });
    });
  }

  /** The browser itself drops what is addressed to another origin than the partner's. */
  ask(wish: Wish): void {
    for (const origin of this.reachable())
      this.partner.postMessage({ type: 'tenant-google:token-wanted', reason: wish }, origin);
  }

  /** So that the host can make its frame as high as the page. */
  tellHeight(height: number): void {
    for (const origin of this.reachable())
      this.partner.postMessage({ type: 'tenant-google:height', height }, origin);
  }

  private reachable(): string[] {
    const around = location.ancestorOrigins?.[0];
    return around === undefined ? this.origins : this.origins.filter((origin) => origin === around);
  }
}

/** The window that may hand over a token: the page around this one, else the one that opened it. */
export function partnerWindow(): Window | null {
  if (window.parent !== window) return window.parent;
  return window.opener as Window | null;
}

/** Resolves with what comes in time, or with null. */
export const inTime = <Value>(coming: Promise<Value>): Promise<Value | null> =>
  Promise.race([coming, new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null))]);

const isToken = (data: unknown): data is TokenMessage =>
  typeof data === 'object' &&
  data !== null &&
  (data as TokenMessage).type === 'tenant-google:token' &&
  typeof (data as TokenMessage).token === 'string';
