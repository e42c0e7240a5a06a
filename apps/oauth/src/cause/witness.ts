import type { GrantEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import type { Problem } from '#problems/problem';

type Authorized = Extract<GrantEvent, { type: 'Authorized' }>['data'];
type Recorded = GrantEvent & { metadata: Pick<RecordedEvent['metadata'], 'at'> };

/** What is known of a permission when somebody asks why it, or another one, ended. */
export interface Witness {
  grant: Authorized;
  since: Date;
  /** Null while it is not known to have ended. */
  lost: { at: Date; problem: Problem } | null;
  /** When Google last gave an access token for it; null when nobody knows. */
  provenAt: Date | null;
  /** Every permission that its provider ever got, this one included. */
  consents: { account: string; clientId: string; at: Date }[];
}

/** Null when the provider has no permission, or one that was forgotten. */
export function witnessOf(history: Recorded[], provenAt: Date | null): Witness | null {
  const consents: Witness['consents'] = [];
  return history.reduce<Witness | null>((witness, { type, data, metadata }) => {
    const at = new Date(metadata.at);
    switch (type) {
      case 'Authorized':
        consents.push({ account: data.account, clientId: data.clientId, at });
        return { grant: data, since: at, lost: null, provenAt, consents };
      case 'AuthorizationLost':
        return witness && { ...witness, lost: { at, problem: data.problem as Problem } };
      case 'CauseFound':
        return witness?.lost
          ? { ...witness, lost: { at: witness.lost.at, problem: data.problem as Problem } }
          : witness;
      case 'GrantForgotten':
        return null;
      case 'AuthorizationStarted':
      case 'AuthorizationFailed':
      case 'AccessTokenRefused':
      case 'AccessTokenRefreshed':
        return witness;
    }
  }, null);
}
