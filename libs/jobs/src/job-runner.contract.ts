import { hours, seconds } from '#time/clock';
import type { JobRunner, RepeatedJob, Repeating } from './job-runner.js';

export interface JobRunnersUnderTest {
  readonly runner: JobRunner;
  /** What another process would have. */
  readonly elsewhere: JobRunner;
  /** Takes `runner` away in the middle of what it does, as the death of its process would. */
  kill(): Promise<void>;
  /** The sentences in which `runner` told what went wrong. */
  readonly told: string[];
  close(): Promise<void>;
}

/** What every job runner does. */
export function jobRunnerContract(name: string, open: () => Promise<JobRunnersUnderTest>): void {
  describe(`${name} keeps the contract of job runners`, () => {
    let opened: JobRunnersUnderTest;
    let jobs = 0;
    const parts: Repeating[] = [];
    const takePart = async (runner: JobRunner, job: RepeatedJob): Promise<Repeating> => {
      const part = await runner.repeat(job);
      parts.push(part);
      return part;
    };
    const jobOf = (work: RepeatedJob['work'], everyMs = hours(1)): RepeatedJob => ({
      name: `spec.job-${jobs}`,
      everyMs,
      atMostMs: hours(1),
      work,
    });

    beforeEach(async () => {
      jobs++;
      opened = await open();
    });
    afterEach(async () => {
      await Promise.all(parts.splice(0).map((part) => part.end()));
      await opened.close();
    });

    it('runs a new job at once, and again after its interval', async () => {
      const runs = new Runs();
      await takePart(opened.runner, jobOf(runs.quick, 50));
      await runs.begun(3);
    });

    it('runs a job at once when asked to, whoever asks', async () => {
      const runs = new Runs();
      const here = await takePart(opened.runner, jobOf(runs.quick));
      await runs.begun(1);
      await here.soon();
      await runs.begun(2);
      const there = await takePart(opened.elsewhere, jobOf(runs.quick));
      await there.soon();
      await runs.begun(3);
    });

    it('runs once more after the run in which it was asked to, however often', async () => {
      const runs = new Runs();
      const here = await takePart(opened.runner, jobOf(runs.held));
      await runs.begun(1);
      await Promise.all([here.soon(), here.soon(), here.soon()]);
      expect(runs.count).toBe(1);
      runs.letGo();
      await runs.begun(2);
      runs.letGo();
      await somethingElseRan(opened.runner);
      expect(runs.count).toBe(2);
    });

    it('runs one at a time, however many take part', async () => {
      const runs = new Runs();
      const all = await Promise.all([
        takePart(opened.runner, jobOf(runs.quick, 20)),
        takePart(opened.elsewhere, jobOf(runs.quick, 20)),
      ]);
      for (let wish = 0; wish < 10; wish++) await all[wish % 2]!.soon();
      await runs.begun(6);
      expect(runs.mostAtOnce).toBe(1);
    });

    it('repeats a run that failed, and tells the reason', async () => {
      const runs = new Runs();
      const failingTwice = async (): Promise<void> => {
        await runs.quick();
        if (runs.count <= 2) throw new Error('the list could not be read');
      };
      await takePart(opened.runner, jobOf(failingTwice));
      await runs.begun(3);
      expect(opened.told).toHaveLength(2);
      expect(opened.told[0]).toContain('the list could not be read');
    });

    it('goes on elsewhere when one ends, after the run in progress was told to stop', async () => {
      const runs = new Runs();
      let stopped = false;
      const untilStopped = (signal: AbortSignal): Promise<void> => {
        void runs.quick();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            stopped = true;
            reject(new Error('stopped'));
          }),
        );
      };
      const here = await takePart(opened.runner, jobOf(untilStopped));
      await runs.begun(1);
      const others = new Runs();
      await takePart(opened.elsewhere, jobOf(others.quick));
      await here.end();
      expect(stopped).toBe(true);
      await others.begun(1);
      expect([runs.count, opened.told]).toEqual([1, []]);
    });

    it('begins anew elsewhere what died, and not twice', async () => {
      const dying = new Runs();
      await takePart(opened.runner, jobOf(dying.held));
      await dying.begun(1);
      const others = new Runs();
      await takePart(opened.elsewhere, jobOf(others.quick));
      await opened.kill();
      await others.begun(1);
      dying.letGo();
      await somethingElseRan(opened.elsewhere);
      expect([dying.count, others.count]).toEqual([1, 1]);
    });

    it('keeps the time of the next run while nobody takes part', async () => {
      const before = new Runs();
      const here = await takePart(opened.runner, jobOf(before.quick));
      await before.begun(1);
      await here.end();
      const after = new Runs();
      await takePart(opened.elsewhere, jobOf(after.quick));
      await somethingElseRan(opened.elsewhere);
      expect([before.count, after.count]).toEqual([1, 0]);
    });

    it('keeps a wish while nobody takes part', async () => {
      const before = new Runs();
      const here = await takePart(opened.runner, jobOf(before.quick));
      await before.begun(1);
      await here.end();
      await here.soon();
      const after = new Runs();
      await takePart(opened.elsewhere, jobOf(after.quick));
      await after.begun(1);
      expect(before.count).toBe(1);
    });

    it('counts a run as dead that lasts too long', async () => {
      const runs = new Runs();
      let told = false;
      const endless = async (signal: AbortSignal): Promise<void> => {
        signal.addEventListener('abort', () => (told = true));
        await runs.held();
      };
      await takePart(opened.runner, { ...jobOf(endless), atMostMs: seconds(1) });
      await runs.begun(1);
      const others = new Runs();
      await takePart(opened.elsewhere, { ...jobOf(others.quick), atMostMs: seconds(1) });
      await others.begun(1);
      expect(told).toBe(true);
      runs.letGo();
    });

    it('keeps jobs apart by their names', async () => {
      const held = new Runs();
      await takePart(opened.runner, jobOf(held.held));
      await held.begun(1);
      jobs++;
      const other = new Runs();
      await takePart(opened.runner, jobOf(other.quick));
      await other.begun(1);
      held.letGo();
    });

    /** A job of its own has run: what else was wanted before has had every chance to begin. */
    async function somethingElseRan(runner: JobRunner): Promise<void> {
      jobs++;
      const other = new Runs();
      const part = await takePart(runner, jobOf(other.quick, 20));
      await part.soon();
      await other.begun(2);
    }
  });
}

/** Counts the runs of a job and lets a spec wait for them. */
export class Runs {
  count = 0;
  mostAtOnce = 0;
  private atOnce = 0;
  private readonly waiting: { for: number; resolve: () => void }[] = [];
  private readonly holding: (() => void)[] = [];

  readonly quick = async (): Promise<void> => {
    this.begin();
    await new Promise(setImmediate);
    this.atOnce--;
  };

  readonly held = async (): Promise<void> => {
    this.begin();
    await new Promise<void>((resolve) => this.holding.push(resolve));
    this.atOnce--;
  };

  letGo(): void {
    for (const resolve of this.holding.splice(0)) resolve();
  }

  begun(times: number): Promise<void> {
    if (this.count >= times) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ for: times, resolve }));
  }

  private begin(): void {
    this.count++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    for (const waiter of this.waiting) if (this.count >= waiter.for) waiter.resolve();
  }
}
