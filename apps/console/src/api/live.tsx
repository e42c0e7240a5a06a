import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { useApi } from './api.js';
import { listenForChanges } from './change-stream.js';

const LiveContext = createContext(true);

/** Whether changes come by themselves at the moment. */
export const useLive = (): boolean => use(LiveContext);

/** Makes what is shown anew whenever the gateway tells of a change. */
export function Live({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => {
    const ending = new AbortController();
    const hearing = {
      onListening: () => {
        setLive(true);
        void queries.invalidateQueries({ predicate: ({ meta }) => !meta?.['askedOfGoogle'] });
      },
      onChanged: ({ shared, providerIds }: { shared: boolean; providerIds: string[] }) => {
        void queries.invalidateQueries({
          predicate: ({ queryKey: [, id], meta }) =>
            !meta?.['askedOfGoogle'] && (shared || id === undefined || providerIds.includes(id as string)),
        });
      },
      onSilence: () => setLive(false),
    };
    void listenForChanges(api, hearing, ending.signal);
    return () => ending.abort();
  }, [api, queries]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
