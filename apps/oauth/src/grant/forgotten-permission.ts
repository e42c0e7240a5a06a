import type { z } from 'zod';
import type { GrantEvent } from '#contracts/oauth';
import type { GetForgottenPermission } from '#contracts/oauth-reset';
import type { EventStore } from '#event-sourcing/event-store';
import { streamName } from '#event-sourcing/stream-name';
import { accepted, type Origin, type Reply } from '#messaging/envelope';

type DataOf<Type extends GrantEvent['type']> = Extract<GrantEvent, { type: Type }>['data'];

/** From the history, so that it is answered the same however often it is asked for. */
export const forgottenPermissionOf =
  (store: EventStore) =>
  async (
    { providerId, since }: z.infer<typeof GetForgottenPermission.data>,
    { tenantId }: Origin,
  ): Promise<Reply<z.infer<typeof GetForgottenPermission.answer>>> => {
    const history = await store.readStream(streamName('grant', tenantId, providerId));
    const forgotten = history.findLast(
      ({ type, metadata }) => type === 'GrantForgotten' && metadata.at >= since,
    );
    const given = history.findLast(
      ({ type, revision }) => type === 'Authorized' && forgotten && revision < forgotten.revision,
    );
    if (!forgotten || !given) return accepted({ permission: null });
    const { account, projectId } = given.data as DataOf<'Authorized'>;
    const { revoked } = forgotten.data as DataOf<'GrantForgotten'>;
    return accepted({ permission: { account, projectId, revoked } });
  };
