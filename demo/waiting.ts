import { setTimeout as pause } from 'node:timers/promises';
import { seconds } from '#time/clock';
import { CheckFailed } from './report.js';

const patienceMs = seconds(20);

/** Asks over HTTP again and again, as a client would, until the answer is as expected. @throws CheckFailed with the last answer */
export async function askedUntil<Answer>(
  expectation: string,
  ask: () => Promise<Answer>,
  asExpected: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (asExpected(answer)) return answer;
    if (performance.now() > deadline)
      throw new CheckFailed(
        `Waited in vain until ${expectation}. Last answer: ${JSON.stringify(answer).slice(0, 900)}`,
      );
    await pause(40);
  }
}

/** Something that is announced whenever it changed, and waited for without asking. */
export class Changes {
  private readonly listeners = new Set<() => void>();

  announce(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** @throws CheckFailed with what `seen` says when the condition was not met in time */
  until(expectation: string, met: () => boolean, seen: () => string, withinMs = patienceMs): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (end: () => void): void => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        end();
      };
      const listener = (): void => {
        if (met()) done(resolve);
      };
      const timer = setTimeout(
        () => done(() => reject(new CheckFailed(`Waited in vain until ${expectation}. ${seen()}`))),
        withinMs,
      );
      this.listeners.add(listener);
    });
  }
}
