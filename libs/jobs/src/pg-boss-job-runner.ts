import { PgBoss, type Job } from 'pg-boss';
import type { JobRunner, RepeatedJob, Repeating } from './job-runner.js';

const schema = 'jobs';
const connections = 3;
/** How soon another replica takes over what is wanted; the one that ran last wakes itself. */
const pollSeconds = 2;
/** A run whose process gives no sign for so long counts as dead: PG Boss's least. */
const silentSeconds = 10;
const superviseSeconds = 5;
const tenYears = 10 * 365 * 86_400;
/** The one job of a queue at a time that waits, beside the one at work: so wishes for the same merge into one. */
const key = 'next';

export interface PgBossOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  /** Told in a sentence what PG Boss complains about and which runs failed. */
  warn: (sentence: string) => void;
}

/**
 * PG Boss on the services' own PostgreSQL, in a schema of its own. Opened by the first job, so that a service without one costs nothing.
 * Each job is a queue with at most one job that waits and one that is at work; a run leaves its successor behind before it is over.
 */
export class PgBossJobRunner implements JobRunner {
  private opening: Promise<PgBoss> | undefined;

  constructor(private readonly options: PgBossOptions) {}

  async repeat(job: RepeatedJob): Promise<Repeating> {
    this.opening ??= this.open();
    const boss = await this.opening;
    await boss.createQueue(job.name, { policy: 'stately' });
    await boss.updateQueue(job.name, {
      heartbeatSeconds: silentSeconds,
      expireInSeconds: Math.ceil(job.atMostMs / 1_000),
      retryLimit: 2 ** 31 - 1,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      retentionSeconds: tenYears,
      deleteAfterSeconds: 60,
    });
    const participant = new Participant(boss, job, this.options.warn);
    await participant.begin();
    return participant;
  }

  async close(): Promise<void> {
    const boss = await this.opening?.catch(() => undefined);
    await boss?.stop({ graceful: true });
  }

  private async open(): Promise<PgBoss> {
    const { url, warn } = this.options;
    const boss = new PgBoss({
      connectionString: url,
      schema,
      application_name: 'jobs',
      max: connections,
      connectionTimeoutMillis: 10_000,
      schedule: false,
      registerInstance: false,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: superviseSeconds,
      maintenanceIntervalSeconds: 60,
    });
    boss.on('error', (error) => warn(`The job runner met an error: ${error.message}`));
    boss.on('warning', ({ message }) => warn(`The job runner warns: ${message}`));
    return boss.start();
  }
}

class Participant implements Repeating {
  private readonly ending = new AbortController();
  private worker = '';
  private waking: NodeJS.Timeout | undefined;

  constructor(
    private readonly boss: PgBoss,
    private readonly job: RepeatedJob,
    private readonly warn: (sentence: string) => void,
  ) {}

  async begin(): Promise<void> {
    const { boss, job } = this;
    await boss.send(job.name, null, { singletonKey: key });
    this.worker = await boss.work(job.name, { pollingIntervalSeconds: pollSeconds }, ([claimed]) =>
      this.run(claimed!),
    );
  }

  async soon(): Promise<void> {
    await this.boss.upsert(this.job.name, null, { singletonKey: key, startAfter: 0 });
    this.boss.notifyWorker(this.worker);
  }

  async end(): Promise<void> {
    clearTimeout(this.waking);
    this.ending.abort();
    await this.boss.offWork(this.job.name, { id: this.worker, wait: true });
  }

  private async run({ signal }: Pick<Job, 'signal'>): Promise<void> {
    const { boss, job, ending } = this;
    let startAfter = job.everyMs / 1_000;
    try {
      await job.work(AbortSignal.any([signal, ending.signal]));
    } catch (error) {
      // What was cut short goes on elsewhere.
      if (ending.signal.aborted) startAfter = 0;
      else {
        const reason = error instanceof Error ? error.message : String(error);
        this.warn(`A run of ${job.name} failed: ${reason}`);
        // PG Boss keeps what a run failed with: the words suffice.
        throw new Error(reason);
      }
    }
    // Somebody may have wished for a run meanwhile: then this changes nothing.
    await boss.send(job.name, null, { singletonKey: key, startAfter });
    if (ending.signal.aborted || job.everyMs > pollSeconds * 1_000) return;
    this.waking = setTimeout(() => boss.notifyWorker(this.worker), job.everyMs + 5);
  }
}
