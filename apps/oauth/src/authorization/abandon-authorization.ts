import type { z } from 'zod';
import type { GrantEvent } from '#contracts/oauth';
import type { AbandonAuthorization } from '#contracts/oauth-reset';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import type { Grants } from '../grant/grants.js';
import type { Attempts } from './attempts.js';

const seeking: readonly string[] = [
  'AuthorizationStarted',
  'AuthorizationFailed',
  'Authorized',
] satisfies GrantEvent['type'][];

/** In the tenant's turn: a consent that is being completed at this moment is either told before, or abandoned too. */
export const abandonAuthorization =
  ({ grants, attempts, store }: { grants: Grants; attempts: Attempts; store: EventStore }) =>
  async (
    { providerId }: z.infer<typeof AbandonAuthorization.data>,
    { tenantId }: Origin,
  ): Promise<Reply<z.infer<typeof AbandonAuthorization.answer>>> => {
    const abandoned = await grants.inTenantsTurn(tenantId, () => attempts.abandon(tenantId, providerId));
    if (abandoned === undefined) return refused(problem('stream.busy'));
    const history = await store.readStream(streamName('grant', tenantId, providerId));
    const sought = history.findLast(({ type }) => seeking.includes(type));
    return accepted({ abandoned, soughtAt: sought?.metadata.at ?? null });
  };
