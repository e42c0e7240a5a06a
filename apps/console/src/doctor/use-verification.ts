import { useCallback, useEffect, useRef, useState } from 'react';
import type { Problem } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { sentEvents } from '../api/sent-events.js';
import { verificationAfter, type Told, type Verification } from './verification.js';

export interface Verifying {
  verification: Verification | null;
  running: boolean;
  refused: Problem | null;
  begin: () => Promise<void>;
}

/** Has the gateway look at everything live, and follows it line by line. */
export function useVerification(path: string): Verifying {
  const api = useApi();
  const [verification, setVerification] = useState<Verification | null>(null);
  const [running, setRunning] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const ending = useRef<AbortController>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const begin = useCallback(async () => {
    ending.current?.abort();
    const mine = new AbortController();
    ending.current = mine;
    setRunning(true);
    setRefused(null);
    setVerification(null);
    try {
      const response = await api.fetch(path, {
        method: 'POST',
        headers: { accept: 'text/event-stream' },
        signal: mine.signal,
      });
      if (!response.ok)
        throw new ApiProblem(
          response.status,
          ((await response.json().catch(() => null)) ?? {}) as Partial<Problem>,
        );
      for await (const { event, data } of sentEvents(response)) {
        const told = { event, data: JSON.parse(data) as unknown } as Told;
        setVerification((before) => verificationAfter(before ?? { checks: [], finished: null }, told));
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      setRefused(error instanceof ApiProblem ? error : new ApiProblem(0, {}));
    }
    if (!mine.signal.aborted) setRunning(false);
  }, [api, path]);
  return { verification, running, refused, begin };
}
