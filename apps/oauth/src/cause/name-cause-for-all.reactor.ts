import { grantEvents, type GrantEvent } from '#contracts/oauth';
import { parseStreamName } from '#event-sourcing/stream-name';
import { becauseOf } from '#messaging/envelope';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import type { Causes } from './find-causes.js';

/** The first permission that ends cannot know that others will: as soon as one shows that the client is the cause, the same is told of those before. */
export const nameCauseForAll = (causes: Causes): Reactor => {
  const id = 'oauth.name-cause-for-all';
  return reactor({
    id,
    categories: ['grant'],
    react: reactByType({
      ...Object.fromEntries(Object.keys(grantEvents).map((type) => [type, 'pass' as const])),
      AuthorizationLost: async (event) => {
        const { problem } = event.data as (GrantEvent & { type: 'AuthorizationLost' })['data'];
        if (problem.code !== 'authorization.client-wide') return 'done';
        await causes.findOfThoseBeside(parseStreamName(event.stream).id!, becauseOf(event, id));
        return 'done';
      },
    }),
  });
};
