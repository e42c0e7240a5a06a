import type { JobRunner, RepeatedJob, Repeating } from './job-runner.js';

/** What several runners in one process share, as replicas share a database. */
export type SharedJobs = Map<string, SharedJob>;

interface SharedJob {
  /** When the next run is wanted, by the machine's clock; none is while one begins and nobody asked for another. */
  wantedAt: number | null;
  /** The run in progress; it counts only as long as it is this one. */
  running: object | null;
  failures: number;
  participants: Set<() => void>;
}

/** The substitute: the same jobs within one process, forgotten with it. */
export class MemoryJobRunner implements JobRunner {
  private readonly taking = new Set<Participant>();

  constructor(
    private readonly shared: SharedJobs = new Map(),
    private readonly warn: (sentence: string) => void = () => {},
  ) {}

  repeat(job: RepeatedJob): Promise<Repeating> {
    let of = this.shared.get(job.name);
    if (!of) {
      of = { wantedAt: Date.now(), running: null, failures: 0, participants: new Set() };
      this.shared.set(job.name, of);
    }
    const participant = new Participant(job, of, this.warn);
    this.taking.add(participant);
    return Promise.resolve(participant);
  }

  /** As if the process had died: what it does no longer counts, and others go on. */
  die(): void {
    for (const participant of this.taking) participant.die();
  }
}

class Participant implements Repeating {
  private readonly ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private run: Promise<void> = Promise.resolve();
  private mine: object | null = null;
  /** Also with a run that no longer counts. */
  private busy = false;

  constructor(
    private readonly job: RepeatedJob,
    private readonly shared: SharedJob,
    private readonly warn: (sentence: string) => void,
  ) {
    shared.participants.add(this.look);
    this.look();
  }

  soon(): Promise<void> {
    this.want(0);
    return Promise.resolve();
  }

  async end(): Promise<void> {
    this.leave();
    this.ending.abort();
    await this.run;
  }

  die(): void {
    this.leave();
    if (this.mine !== this.shared.running) return;
    this.shared.running = null;
    this.want(0);
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.shared.participants.delete(this.look);
  }

  private want(inMs: number): void {
    const { wantedAt } = this.shared;
    this.shared.wantedAt = Math.min(wantedAt ?? Infinity, Date.now() + inMs);
    for (const look of this.shared.participants) look();
  }

  private readonly look = (): void => {
    clearTimeout(this.timer);
    const { wantedAt, running } = this.shared;
    if (wantedAt === null || running || this.busy) return;
    const wait = wantedAt - Date.now();
    if (wait <= 0) this.run = this.begin();
    else this.timer = setTimeout(this.look, wait);
  };

  private async begin(): Promise<void> {
    const run = {};
    Object.assign(this.shared, { running: run, wantedAt: null });
    this.mine = run;
    this.busy = true;
    const overdue = new AbortController();
    const limit = setTimeout(() => {
      overdue.abort();
      this.settle(run, 0);
    }, this.job.atMostMs);
    let nextInMs = this.job.everyMs;
    try {
      await this.job.work(AbortSignal.any([this.ending.signal, overdue.signal]));
      this.shared.failures = 0;
    } catch (error) {
      // What was cut short goes on elsewhere.
      if (this.ending.signal.aborted) nextInMs = 0;
      else {
        const reason = error instanceof Error ? error.message : String(error);
        this.warn(`A run of ${this.job.name} failed: ${reason}`);
        nextInMs = Math.min(1_000 * 2 ** this.shared.failures++, 60_000);
      }
    }
    clearTimeout(limit);
    this.busy = false;
    this.settle(run, nextInMs);
    if (!this.ending.signal.aborted) this.look();
  }

  private settle(run: object, nextInMs: number): void {
    if (this.shared.running !== run) return;
    this.shared.running = null;
    this.want(nextInMs);
  }
}
