/** One step of the account, as `--json` prints it. */
export interface Step {
  step: string;
  ok: boolean;
  ms: number;
}

/** A check that did not hold, in words. */
export class CheckFailed extends Error {
  override name = 'CheckFailed';
}

/** @throws CheckFailed with the claim and what was seen instead */
export function check(holds: boolean, claim: string, seen?: unknown): asserts holds {
  if (holds) return;
  const instead = seen === undefined ? '' : ` Seen instead: ${JSON.stringify(seen)?.slice(0, 600)}`;
  throw new CheckFailed(`Not so: ${claim}.${instead}`);
}

/** Ends a chapter: its later steps build on the one that failed. */
class ChapterEnded extends Error {}

/** Plays steps, each with its checks, and keeps the account. */
export class Report {
  readonly steps: Step[] = [];
  private chapterTitle = '';

  constructor(private readonly say: (line: string) => void) {}

  /** A failed step ends its chapter; the next chapter is played all the same. */
  async chapter(title: string, play: () => Promise<void>): Promise<void> {
    this.chapterTitle = title;
    this.say(`\n${title}`);
    try {
      await play();
    } catch (error) {
      if (error instanceof ChapterEnded) return;
      this.keep(`${title}: before its next step`, false, 0, reasonOf(error));
    }
  }

  /** `play` does something, checks what came of it, and returns in words what was seen. */
  async step(done: string, play: () => Promise<string>): Promise<void> {
    const begun = performance.now();
    const ms = (): number => Math.round(performance.now() - begun);
    try {
      const seen = await play();
      this.keep(done, true, ms(), seen);
    } catch (error) {
      this.keep(done, false, ms(), reasonOf(error));
      throw new ChapterEnded(this.chapterTitle);
    }
  }

  get allHeld(): boolean {
    return this.steps.length > 0 && this.steps.every(({ ok }) => ok);
  }

  private keep(step: string, ok: boolean, ms: number, seen: string): void {
    this.steps.push({ step, ok, ms });
    this.say(`  ${ok ? '✓' : '✗'} ${step}: ${seen}  (${ms} ms)`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof CheckFailed) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
