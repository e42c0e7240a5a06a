import type pg from 'pg';
import type { NewEvent } from '../event-store.js';
import { appendGroupStatement, appendOneStatement, isDuplicate } from './appending.js';

/** One event at the revision that its writer expects to be free. */
export interface SingleAppend {
  stream: string;
  revision: number;
  event: NewEvent;
}

interface Waiting extends SingleAppend {
  /** False: it was refused, and only the stream can tell why. */
  resolve: (inserted: boolean) => void;
  reject: (error: unknown) => void;
}

const largestGroup = 64;
/** A group that is held up, by another process' transaction or a silent connection, does not hold up the next for longer. */
const patienceMs = 100;

/**
 * Appends of one process that come while another is under way go together, in one statement and one commit. Nobody waits for
 * company: a lone append goes at once. Each keeps its own expected revision and its own answer.
 */
export class GroupedAppends {
  private waiting: Waiting[] = [];
  private underWay = false;

  constructor(private readonly pool: pg.Pool) {}

  insert(append: SingleAppend): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...append, resolve, reject });
      this.go();
    });
  }

  private go(): void {
    if (this.underWay || this.waiting.length === 0) return;
    this.underWay = true;
    let isOver = false;
    const next = (): void => {
      if (isOver) return;
      isOver = true;
      this.underWay = false;
      this.go();
    };
    const impatient = setTimeout(next, patienceMs);
    void this.send(this.nextGroup()).then(() => {
      clearTimeout(impatient);
      // Those who were answered just now may have more to append: let them join the next group.
      setImmediate(next);
    });
  }

  /** At most one of each stream: a second one is to meet what the first has done. */
  private nextGroup(): Waiting[] {
    const group = new Map<string, Waiting>();
    const later: Waiting[] = [];
    for (const each of this.waiting) {
      if (group.size < largestGroup && !group.has(each.stream)) group.set(each.stream, each);
      else later.push(each);
    }
    this.waiting = later;
    return [...group.values()];
  }

  private async send(group: Waiting[]): Promise<void> {
    const [only, second] = group;
    if (only && !second) return this.sendAlone(only);
    try {
      const { rows } = await this.pool.query<{ stream: string }>(appendGroupStatement(group));
      const inserted = new Set(rows.map(({ stream }) => stream));
      for (const { stream, resolve } of group) resolve(inserted.has(stream));
    } catch {
      // One that cannot be stored must not take the others along. What had been stored all the same is recognised by its id.
      await Promise.all(group.map((each) => this.sendAlone(each)));
    }
  }

  private async sendAlone({ resolve, reject, ...append }: Waiting): Promise<void> {
    try {
      const { rowCount } = await this.pool.query(appendOneStatement(append));
      resolve(rowCount === 1);
    } catch (error) {
      if (isDuplicate(error)) resolve(false);
      else reject(error);
    }
  }
}
