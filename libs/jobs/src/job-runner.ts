/** Has work done again and again, over all replicas by one at a time, whichever of them are alive. */
export interface JobRunner {
  /**
   * Takes part in a job. Its first run begins at once if the job is new everywhere, and otherwise when it is next wanted, which
   * outlives restarts. Resolves when the job is kept, not when it has run. A job is taken part in once per runner.
   */
  repeat(job: RepeatedJob): Promise<Repeating>;
}

export interface RepeatedJob {
  /** `<service>.<what>`. Everybody who names it takes part in the same job. */
  name: string;
  /** From the end of one run to the beginning of the next, in the machine's time. */
  everyMs: number;
  /** A run that lasts longer counts as dead and is begun again. */
  atMostMs: number;
  /**
   * One run. A rejection is told and has the run repeated soon, at growing distances of at most a minute. The signal aborts
   * when the run no longer counts or this participant ends: the work should stop then, and undo nothing; a rejection then means
   * that it was cut short, and it goes on elsewhere. For a moment a run that no longer counts may overlap with the next one, so
   * the work has to be repeatable.
   */
  work(signal: AbortSignal): Promise<void>;
}

export interface Repeating {
  /** Has it run as soon as possible: now, or once more after the run in progress, wherever that is. */
  soon(): Promise<void>;
  /** Aborts the run in progress here, waits for it and begins none here any more. The others go on. */
  end(): Promise<void>;
}
