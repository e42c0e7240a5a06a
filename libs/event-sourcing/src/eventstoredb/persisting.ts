import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDbError, explained } from './eventstoredb-error.js';

const pauseMs = { first: 50, longest: 1_000 };

/**
 * Tries again what may pass, such as a node that restarts or a new leader, and gives up after `patienceMs`. Each attempt is bounded by what is
 * left: an append shares a call with others, and when that call ends without an error the client never hears of its answer.
 * @throws EventStoreDbError
 */
export async function persisting<T>(
  attempt: () => Promise<T>,
  { node, patienceMs, signal }: { node: string; patienceMs: number; signal: AbortSignal },
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let delay = pauseMs.first; ; delay = Math.min(delay * 2, pauseMs.longest)) {
    const left = Math.max(deadline - performance.now(), 1);
    try {
      // Half of what is left, so that a lost answer leaves time to ask again.
      return await within(attempt(), Math.max(left / 2, pauseMs.longest), node);
    } catch (error) {
      const failure = explained(error, node);
      if (signal.aborted) throw new EventStoreDbError('The event store was closed.', false);
      if (!failure.passes || performance.now() + delay >= deadline) throw failure;
    }
    await pause(delay, undefined, { signal }).catch(() => {});
  }
}

function within<T>(work: Promise<T>, milliseconds: number, node: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new EventStoreDbError(`EventStoreDB at ${node} did not answer in time.`, true)),
      milliseconds,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
