import type { GrantEvent } from '#contracts/oauth';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import type { GmailAccess } from '../gmail-api/gmail-calls.js';

/** When the permission was given that a mailbox has now; null when it has none, or none any more. */
export async function permissionSince(
  { store }: Pick<Means, 'store'>,
  { tenantId, providerId }: GmailAccess,
): Promise<string | null> {
  const history = await store.readStream(streamName('grant', tenantId, providerId));
  let since: string | null = null;
  for (const { type, metadata } of history)
    since = permissionAfter(since, type as GrantEvent['type'], metadata.at);
  return since;
}

/** The permission after an event of a grant. A token that Google refused for a while leaves it alone. */
export function permissionAfter(since: string | null, type: GrantEvent['type'], at: string): string | null {
  switch (type) {
    case 'Authorized':
      return at;
    case 'AuthorizationLost':
    case 'GrantForgotten':
      return null;
    case 'AuthorizationStarted':
    case 'AuthorizationFailed':
    case 'CauseFound':
    case 'AccessTokenRefused':
    case 'AccessTokenRefreshed':
      return since;
  }
}
