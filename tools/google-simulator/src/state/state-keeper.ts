import { createHash } from 'node:crypto';
import type { World } from '../world.js';
import { momentOf, writeMoment } from './state-file.js';
import type { StateFileProblem } from './state-file.js';

const SHORTEST_PAUSE_MS = 500;
// Each save writes the whole file: a large one must leave the machine time for something else.
const PAUSE_PER_SAVE = 2;

/** Keeps the state file up to date: half a second after a change that was not yet saved (later when saves take long), and at the end. */
export class StateKeeper {
  private timer: NodeJS.Timeout | undefined;
  private unsaved = false;
  private closed = false;
  private failing = false;
  private saving: Promise<void> = Promise.resolve();
  private savedDigest = '';
  private restUntil = 0;

  constructor(
    private readonly path: string,
    private readonly world: World,
    /** Hears of a save that failed, once until one succeeds; meanwhile it is tried again and again. */
    private readonly onProblem: (problem: StateFileProblem) => void,
  ) {}

  changed(): void {
    this.unsaved = true;
    if (this.timer || this.closed) return;
    const pause = Math.max(SHORTEST_PAUSE_MS, this.restUntil - performance.now());
    this.timer = setTimeout(() => void this.saveChanges(), pause);
    this.timer.unref();
  }

  /** @throws StateFileProblem when the file cannot be written */
  save(): Promise<void> {
    const saved = this.saving.then(() => this.write());
    this.saving = saved.catch(() => {});
    return saved;
  }

  /** @throws StateFileProblem when the file cannot be written */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.save();
  }

  private async saveChanges(): Promise<void> {
    this.unsaved = false;
    try {
      await this.save();
      this.failing = false;
    } catch (error) {
      this.unsaved = true;
      if (!this.failing) this.onProblem(error as StateFileProblem);
      this.failing = true;
    }
    this.timer = undefined;
    if (this.unsaved) this.changed();
  }

  private async write(): Promise<void> {
    const moment = momentOf(this.world);
    // The ids of all mails are in the first line, so that the same first line means the same file.
    const digest = createHash('sha256').update(moment.firstLine).digest('hex');
    if (digest === this.savedDigest) return;
    const begun = performance.now();
    await writeMoment(this.path, moment);
    const ended = performance.now();
    this.restUntil = ended + PAUSE_PER_SAVE * (ended - begun);
    this.savedDigest = digest;
  }
}
