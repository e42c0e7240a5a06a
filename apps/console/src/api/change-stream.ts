import type { Api } from './api.js';
import { sentEvents, type SentEvent } from './sent-events.js';

export interface Changed {
  shared: boolean;
  providerIds: string[];
}

interface Hearing {
  /** The stream is open: everything may have changed before. */
  onListening(): void;
  onChanged(changed: Changed): void;
  onSilence(): void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** The gateway says something every 20 seconds. */
const patienceMs = 50_000;

/** Listens until aborted. What breaks is opened again, at growing distances; read with fetch, because the token belongs into a header. */
export async function listenForChanges(api: Api, hearing: Hearing, signal: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    try {
      // The gateway ends a stream in order every few minutes, or because it stops: then another one answers in a moment.
      await pause(pauseMs / 4, signal);
      for await (const { event, data } of eventsOf(api, signal)) {
        pauseMs = firstPauseMs;
        if (event === 'listening') hearing.onListening();
        if (event === 'changed') hearing.onChanged(JSON.parse(data) as Changed);
      }
    } catch {
      if (signal.aborted) return;
      hearing.onSilence();
      // Not all pages of a tenant at the same moment.
      await pause(pauseMs * (0.5 + Math.random() / 2), signal);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    }
  }
}

async function* eventsOf(api: Api, ending: AbortSignal): AsyncGenerator<SentEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), patienceMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patienceMs);
  };
  try {
    const signal = AbortSignal.any([ending, silence.signal]);
    const response = await api.fetch('/api/google/changes', { signal });
    if (!response.ok) throw new Error(`The stream was answered with ${response.status}.`);
    yield* sentEvents(response, heard);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
