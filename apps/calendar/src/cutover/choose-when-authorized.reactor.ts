import { ChooseCalendars } from '#contracts/calendar';
import type { GrantEvent } from '#contracts/oauth';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { reactByType, type Reactor, reactor } from '#processors/processor';
import { providerStateOf } from '../provider/change-provider.js';
import { isPresent } from '../provider/provider-state.js';

/** The calendar that the host kept goes on without anybody choosing it again. One that the account does not have any more is for its owner. */
export function chooseWhenAuthorized({ ask, store }: Pick<Means, 'ask' | 'store'>): Reactor {
  const id = 'calendar.choose-when-authorized';
  return reactor({
    id,
    categories: ['grant'],
    react: reactByType({
      Authorized: async (event) => {
        const { product } = event.data as Extract<GrantEvent, { type: 'Authorized' }>['data'];
        if (product !== 'calendar') return 'done';
        const { tenantId, id: providerId } = parseStreamName(event.stream);
        const state = await providerStateOf({ store }, { tenantId, providerId: providerId! });
        if (!isPresent(state) || state.formerCalendarId === null) return 'done';
        const data = { providerId: providerId!, calendarIds: [state.formerCalendarId] };
        const reply = await ask(ChooseCalendars, data, becauseOf(event, id));
        const later = !reply.ok && definitionOf(reply.problem.code).kind === 'transient';
        return later ? { retry: reply.problem.code } : 'done';
      },
      AuthorizationStarted: 'pass',
      AuthorizationFailed: 'pass',
      AuthorizationLost: 'pass',
      AccessTokenRefused: 'pass',
      AccessTokenRefreshed: 'pass',
      CauseFound: 'pass',
      GrantForgotten: 'pass',
    } satisfies Record<GrantEvent['type'], Reactor['react'] | 'pass'>),
  });
}
