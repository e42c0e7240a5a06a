import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { Clock } from '#time/clock';
import { minutes, seconds } from '#time/clock';

const longestKept = minutes(24 * 60);
const leastKept = minutes(1);
/** A stranger with made-up key ids must not make us fetch without end. */
const refetchPause = seconds(10);
const patience = seconds(5);

/** Google's signing keys, kept as long as Google says, fetched again at once for a key that is not among them. */
export class GoogleCertificates {
  private keys = new Map<string, CryptoKey | Uint8Array>();
  private goodUntil = 0;
  private mayRefetchAt = 0;
  private fetching: Promise<void> | null = null;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** Undefined: Google has no such key. @throws when the keys are needed and cannot be fetched */
  async key(id: string): Promise<CryptoKey | Uint8Array | undefined> {
    const now = this.clock.now().getTime();
    const stale = now >= this.goodUntil;
    if ((stale || !this.keys.has(id)) && now >= this.mayRefetchAt)
      // Keys that Google published a while ago are still Google's.
      await this.fetched().catch(() => {});
    if (!this.keys.has(id) && this.clock.now().getTime() >= this.goodUntil)
      throw new Error('Google’s certificates cannot be had.');
    return this.keys.get(id);
  }

  private fetched(): Promise<void> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = null;
      // Also after a failure: while Google does not answer, not every push may wait for it.
      this.mayRefetchAt = this.clock.now().getTime() + refetchPause;
    });
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    const response = await fetch(this.url, { signal: AbortSignal.timeout(patience) });
    if (!response.ok) throw new Error(`Google's certificates were answered with ${response.status}.`);
    const { keys } = (await response.json()) as { keys: JWK[] };
    const usable = keys.filter(({ kty, kid }) => kty === 'RSA' && kid);
    const imported = await Promise.all(
      usable.map(async (key) => [key.kid!, await importJWK({ ...key, alg: 'RS256' }, 'RS256')] as const),
    );
    const now = this.clock.now().getTime();
    this.keys = new Map(imported);
    this.goodUntil = now + keptFor(response.headers.get('cache-control'));
  }
}

function keptFor(cacheControl: string | null): number {
  const told = seconds(Number(/max-age=(\d+)/.exec(cacheControl ?? '')?.[1] ?? 300));
  return Math.min(Math.max(told, leastKept), longestKept);
}
