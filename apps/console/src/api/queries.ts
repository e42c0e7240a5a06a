import {
  queryOptions,
  skipToken,
  useMutation,
  useQueryClient,
  type UseMutationResult,
} from '@tanstack/react-query';
import { useApi, type Api, type Method } from './api.js';
import type {
  AccountCalendar,
  CalendarProvider,
  CauseChain,
  GoogleSetup,
  History,
  Mailbox,
  ParkedMessage,
  ProvisioningCommands,
  StatusThen,
  TenantReset,
} from './answers.js';

export type ProviderKind = 'email' | 'calendar';

export const setupQuery = (api: Api) =>
  queryOptions({ queryKey: ['setup'], queryFn: () => api.call<GoogleSetup>('GET', '/api/google/config') });

export const commandsQuery = (api: Api, projectId: string) =>
  queryOptions({
    queryKey: ['commands', projectId],
    queryFn: () => api.call<ProvisioningCommands>('GET', '/api/google/provisioning-commands'),
  });

export const mailboxesQuery = (api: Api) =>
  queryOptions({
    queryKey: ['mailboxes'],
    queryFn: async () => (await api.call<{ providers: Mailbox[] }>('GET', '/api/email/providers')).providers,
  });

export const calendarsQuery = (api: Api) =>
  queryOptions({
    queryKey: ['calendars'],
    queryFn: async () =>
      (await api.call<{ providers: CalendarProvider[] }>('GET', '/api/calendar/providers')).providers,
  });

/** Google is asked each time, so this one is not made anew by itself. */
export const accountCalendarsQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: ['account-calendars', id],
    queryFn: async () =>
      (await api.call<{ calendars: AccountCalendar[] }>('GET', `/api/calendar/providers/${id}/calendars`))
        .calendars,
    meta: { askedOfGoogle: true },
    gcTime: 0,
    refetchInterval: false,
  });

export const parkedQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: ['parked', id],
    queryFn: async () =>
      (await api.call<{ parked: ParkedMessage[] }>('GET', `/api/email/providers/${id}/parked-messages`))
        .parked,
  });

export const historyQuery = (api: Api, kind: ProviderKind, id: string, limit: number) =>
  queryOptions({
    queryKey: ['history', id, limit],
    queryFn: () =>
      api.call<History>(
        'GET',
        `/api/${kind}/providers/${id}/history${kind === 'email' ? `?limit=${limit}` : ''}`,
      ),
    placeholderData: (before) => before,
  });

/** The past does not change, so it is not asked for again. */
export const statusThenQuery = (api: Api, kind: ProviderKind, id: string, at: string | null) =>
  queryOptions({
    queryKey: ['status-then', id, at],
    queryFn:
      at === null
        ? skipToken
        : () =>
            api.call<StatusThen>('GET', `/api/${kind}/providers/${id}/status?at=${encodeURIComponent(at)}`),
    staleTime: Infinity,
    refetchInterval: false,
  });

export const causesQuery = (api: Api, kind: ProviderKind, id: string, eventId: string) =>
  queryOptions({
    queryKey: ['causes', id, eventId],
    queryFn: () => api.call<CauseChain>('GET', `/api/${kind}/providers/${id}/history/${eventId}/causes`),
    staleTime: Infinity,
    refetchInterval: false,
  });

const whileResettingMs = 1_000;

export const tenantResetQuery = (api: Api) =>
  queryOptions({
    queryKey: ['tenant-reset'],
    queryFn: () => api.call<TenantReset>('GET', '/api/google/reset'),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? whileResettingMs : 30_000),
  });

/** Asks for something to be done. What is shown is made anew afterwards, also where changes do not come by themselves. */
export function useCommand<Answer = unknown>(): UseMutationResult<
  Answer,
  Error,
  { method: Method; path: string; body?: unknown }
> {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }) => api.call<Answer>(method, path, body),
    onSettled: () => queries.invalidateQueries({ predicate: ({ meta }) => !meta?.['askedOfGoogle'] }),
  });
}
