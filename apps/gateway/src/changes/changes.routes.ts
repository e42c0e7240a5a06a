import { problem } from '#problems/problem';
import { guarded, ownThings, type Route } from '../api/route.js';
import type { Listeners } from './listeners.js';

/** Read with fetch, because an EventSource cannot send the token but in the address. */
export const changesRoutes = ({ listeners }: { listeners: Listeners }): Route[] => [
  guarded({
    method: 'GET',
    path: '/api/google/changes',
    permission: ownThings,
    tag: 'Google setup',
    summary:
      'Server-sent events: `changed` with the ids of providers whose status was written (`shared`: something that all share). Ends after five minutes; open it again and read anew',
    answer: 'text/event-stream',
    refusals: ['request.too-many-listeners'],
    handle: (_, { tenantId, permissions }) => {
      const seesProviders = permissions.includes('system_settings:read');
      const stream = listeners.open(tenantId, { seesProviders });
      if (!stream) return Promise.resolve({ problem: problem('request.too-many-listeners') });
      const headers = {
        'content-type': 'text/event-stream; charset=utf-8',
        // Some proxies would keep the events until many have come together.
        'x-accel-buffering': 'no',
        // What ends because the gateway ends must not keep it waiting for another request.
        connection: 'close',
      };
      return Promise.resolve({ status: 200, headers, content: stream });
    },
  }),
];
