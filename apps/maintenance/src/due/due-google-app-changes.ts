import type { GoogleAppEvent } from '#contracts/oauth';

/** The commands about a tenant's Google app that the due list can ask for. */
export type GoogleAppDueCommand = 'ForgetFormerSecrets';

export interface GoogleAppDueChange {
  command: GoogleAppDueCommand;
  dueAt: Date | null;
}

/** Pure: the same event always gives the same changes. */
export function googleAppDueChanges(event: GoogleAppEvent): GoogleAppDueChange[] {
  switch (event.type) {
    case 'ConfigStored': {
      const { formerSecrets } = event.data;
      return formerSecrets ? [{ command: 'ForgetFormerSecrets', dueAt: new Date(formerSecrets.until) }] : [];
    }
    case 'ConfigCleared':
      return [{ command: 'ForgetFormerSecrets', dueAt: null }];
    case 'ClientSecretAccepted':
    case 'FormerSecretForgotten':
    case 'RemovalBegun':
      return [];
  }
}
