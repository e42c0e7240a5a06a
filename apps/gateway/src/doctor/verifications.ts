import type { Locks } from '#locks/locks';
import type { Origin } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import type { Subject } from './plan.js';
import { runVerification, type Told, type VerifyingMeans } from './run-verification.js';
import type { Verification } from './verification.js';

/** At last the whole. */
type ToldOrWhole = Told | { event: 'verification'; data: Verification };

/** A verification that runs: what was told so far is told again to whoever joins, and then what comes. */
export class Running {
  private readonly told: ToldOrWhole[] = [];
  private ended = false;
  private wake = Promise.withResolvers<void>();

  tell(told: ToldOrWhole): void {
    this.told.push(told);
    this.stir();
  }

  end(): void {
    this.ended = true;
    this.stir();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ToldOrWhole> {
    for (let next = 0; ; next++) {
      while (next === this.told.length) {
        if (this.ended) return;
        await this.wake.promise;
      }
      yield this.told[next]!;
    }
  }

  /** Null: it broke off. */
  async whole(): Promise<Verification | null> {
    for await (const told of this) if (told.event === 'verification') return told.data;
    return null;
  }

  private stir(): void {
    this.wake.resolve();
    this.wake = Promise.withResolvers<void>();
  }
}

export interface VerificationsMeans extends VerifyingMeans {
  locks: Locks;
  /** A verification that broke; whoever listens to it sees it end without a result. */
  failed: (error: unknown) => void;
}

/** One verification of a tenant at a time, over all replicas: Google counts every question. Who asks for the same joins it. */
export class Verifications {
  private readonly running = new Map<string, { subject: string; begun: Promise<Running | null> }>();

  constructor(private readonly means: VerificationsMeans) {}

  async join(subject: Subject, origin: Origin): Promise<{ running: Running } | { problem: Problem }> {
    const { tenantId } = origin;
    const name = `${subject.kind} ${subject.providerId ?? ''}`;
    const present = this.running.get(tenantId);
    if (present && present.subject !== name) return { problem: problem('verification.running') };
    const begun = present?.begun ?? this.begin(name, subject, origin);
    const running = await begun;
    return running ? { running } : { problem: problem('verification.running') };
  }

  private begin(name: string, subject: Subject, origin: Origin): Promise<Running | null> {
    const { tenantId } = origin;
    const { promise: begun, resolve } = Promise.withResolvers<Running | null>();
    this.running.set(tenantId, { subject: name, begun });
    const running = new Running();
    const work = (): Promise<Verification> => {
      resolve(running);
      return runVerification(this.means, subject, origin, (told) => running.tell(told));
    };
    void this.means.locks
      .exclusively(`verification:${tenantId}`, work, { wait: false })
      .catch((error: unknown) => {
        this.means.failed(error);
        return { acquired: false as const };
      })
      .then((done) => {
        // Before anybody hears that it is over: who then asks again wants a new look.
        this.running.delete(tenantId);
        if (done.acquired) running.tell({ event: 'verification', data: done.value });
        running.end();
        resolve(null);
      });
    return begun;
  }
}
