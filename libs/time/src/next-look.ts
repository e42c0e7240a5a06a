import type { Clock } from './clock.js';

/** Waits so long in real time, until the clock jumps, or until the signal aborts. For loops that look whether something is due. */
export function nextLook(clock: Clock, everyMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, everyMs);
    const stopListening = clock.onMoved(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}
