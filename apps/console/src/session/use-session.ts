import { createContext, use, useSyncExternalStore } from 'react';
import type { Permission } from './claims.js';
import type { Session, SessionState } from './session.js';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('There is no session around this part.');
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** Whether the token says so. What it does not allow is not offered; the gateway refuses it anyway. */
export function useMay(permission: Permission): boolean {
  const state = useSessionState();
  return state.kind === 'signed-in' && state.claims.permissions.includes(permission);
}

export function useUser(): string | null {
  const state = useSessionState();
  return state.kind === 'signed-in' ? state.claims.user : null;
}
