import { googleAppEvents } from '#contracts/oauth';
import { becauseOf } from '#messaging/envelope';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import type { Removal } from './clear-config.js';

/** Usually whoever asked for the removal has seen it done. Where the process died, or there were too many providers, it is done from here. */
export const goOnWithRemoval = (removal: Removal): Reactor => {
  const id = 'oauth.go-on-with-removal';
  return reactor({
    id,
    categories: ['googleApp'],
    react: reactByType({
      ...Object.fromEntries(Object.keys(googleAppEvents).map((type) => [type, 'pass' as const])),
      RemovalBegun: async (event) => {
        const reply = await removal.goOn(becauseOf(event, id));
        return reply.ok ? 'done' : { retry: reply.problem.code };
      },
    }),
  });
};
