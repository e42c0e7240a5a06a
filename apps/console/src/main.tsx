import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-aria-components';
import { Api, ApiContext, ApiProblem } from './api/api.js';
import { App } from './app.js';
import { goTo } from './routing/location.js';
import { readSettings } from './session/settings.js';
import { Session } from './session/session.js';
import { SessionContext } from './session/use-session.js';
import './styles/theme.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/pages.css';

const settings = readSettings();
const session = new Session(settings);
const api = new Api(session);
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the gateway refused it would refuse again.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
      // A status also changes by the time that passes.
      refetchInterval: 30_000,
      staleTime: 1_000,
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SessionContext value={session}>
      <ApiContext value={api}>
        <QueryClientProvider client={queries}>
          <RouterProvider navigate={goTo}>
            <App settings={settings} />
          </RouterProvider>
        </QueryClientProvider>
      </ApiContext>
    </SessionContext>
  </StrictMode>,
);
void session.begin();
