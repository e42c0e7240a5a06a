import type { ProblemDefinition } from './problem-definition.js';

const clients = 'https://console.cloud.google.com/auth/clients?project={projectId}';
const audience = 'https://console.cloud.google.com/auth/audience?project={projectId}';
const reconnect = 'Connect the mailbox again.';

/** What can go wrong while an account is connected, and how a grant ends. */
export const grantProblems = {
  'authorization.denied': {
    sentence: 'The consent was refused on Google’s page.',
    actor: 'mailbox-owner',
    remedy: 'Connect again, sign in as {expectedAccount} and press Allow.',
    kind: 'configuration',
  },
  'authorization.scope-missing': {
    sentence: 'The permission {scopes} was not ticked on Google’s consent page.',
    actor: 'mailbox-owner',
    remedy: 'Connect again and tick every box on Google’s consent page.',
    kind: 'configuration',
  },
  'authorization.wrong-account': {
    sentence: 'The consent was given by {account}, but this connection is for {expectedAccount}.',
    actor: 'mailbox-owner',
    remedy:
      'Connect again and choose the account {expectedAccount}. An alias, a group or a delegated mailbox cannot be read this way.',
    kind: 'configuration',
  },
  'authorization.no-refresh-token': {
    sentence: 'Google gave no lasting permission (refresh token).',
    actor: 'mailbox-owner',
    remedy: 'Remove the app at https://myaccount.google.com/permissions and connect again.',
    kind: 'configuration',
    link: 'https://myaccount.google.com/permissions',
  },
  'authorization.state-unknown': {
    sentence: 'This sign-in was not started here, was used before, or took longer than ten minutes.',
    actor: 'mailbox-owner',
    remedy: 'Close this window and connect again.',
    kind: 'refusal',
  },
  'authorization.code-refused': {
    sentence: 'Google did not accept the authorization code any more.',
    actor: 'mailbox-owner',
    remedy: reconnect,
    kind: 'configuration',
  },
  'authorization.google-error': {
    sentence: 'Google ended the sign-in with "{error}".',
    actor: 'tenant-admin',
    remedy:
      'Connect again. If it persists, check the OAuth client and the consent screen in Google Auth Platform.',
    kind: 'configuration',
    link: clients,
  },
  'authorization.testing-mode': {
    sentence: 'The Google app is in Testing: this connection ends on {expiresAt}.',
    actor: 'tenant-admin',
    remedy:
      'Make the app Internal, or press “Publish app” under Google Auth Platform → Audience, then connect again.',
    kind: 'notice',
    link: audience,
    cause: 'inferred',
  },
  'authorization.testing-expired': {
    sentence: 'The permission ended after seven days, as Google does while an app is in Testing.',
    actor: 'tenant-admin',
    remedy:
      'Make the app Internal, or publish it under Google Auth Platform → Audience, then connect the mailbox again.',
    kind: 'dead',
    link: audience,
    cause: 'inferred',
  },
  'authorization.time-limited': {
    sentence: 'The permission was given for a limited time: this connection ends on {expiresAt}.',
    actor: 'mailbox-owner',
    remedy: 'Connect again and give the permission without a time limit.',
    kind: 'notice',
    cause: 'inferred',
  },
  'authorization.time-limit-reached': {
    sentence: 'The permission was given for a limited time, which is over.',
    actor: 'mailbox-owner',
    remedy: 'Connect again and give the permission without a time limit.',
    kind: 'dead',
    cause: 'inferred',
  },
  'authorization.unused': {
    sentence: 'The permission was not used for six months, after which Google ends it.',
    actor: 'mailbox-owner',
    remedy: 'Connect again. As long as the service runs, it uses the permission every hour.',
    kind: 'dead',
    cause: 'inferred',
  },
  'authorization.token-limit': {
    sentence:
      'The account gave this OAuth client more than a hundred permissions since; Google silently ends the oldest.',
    actor: 'tenant-admin',
    remedy:
      'Remove the connections of this account that nobody needs, then connect this one again. Google keeps a hundred permissions for one account and client.',
    kind: 'dead',
    link: clients,
    cause: 'inferred',
  },
  'authorization.password-changed': {
    sentence:
      'The account’s password was probably changed: that ends permissions to read mail, while those for the calendar of the same account go on.',
    actor: 'mailbox-owner',
    remedy: reconnect,
    kind: 'dead',
    cause: 'inferred',
  },
  'authorization.client-wide': {
    sentence:
      'Permissions of several accounts ended at nearly the same time, so the cause lies with what they share: the OAuth client, its project, or a policy of the organisation.',
    actor: 'tenant-admin',
    remedy:
      'Look at the OAuth client and its consent screen in Google Auth Platform, and ask the Workspace administrator whether apps were blocked or all sessions ended. Then let the accounts be connected again.',
    kind: 'dead',
    link: clients,
    cause: 'inferred',
  },
  'authorization.app-removed': {
    sentence: 'The tenant’s Google app was removed, and with it every permission given through it.',
    actor: 'tenant-admin',
    remedy: 'Complete the Google setup again, then connect the mailbox again.',
    kind: 'dead',
  },
  'authorization.revoked': {
    sentence:
      'Google no longer accepts the permission: the account’s owner removed it, the password was changed, or the account is gone.',
    actor: 'mailbox-owner',
    remedy: reconnect,
    kind: 'dead',
    cause: 'inferred',
  },
  'authorization.session-control': {
    sentence: 'The organisation’s session control for Google Cloud ended the permission.',
    actor: 'workspace-admin',
    remedy:
      'Exempt the app from Google Cloud session control in the Workspace admin console (or leave out the Pub/Sub scope), then connect again.',
    kind: 'dead',
    link: 'https://admin.google.com/ac/security/reauth/admin-tools',
  },
  'authorization.admin-policy': {
    sentence: 'A Workspace administrator blocks the app or its scopes.',
    actor: 'workspace-admin',
    remedy:
      'Mark the OAuth client as trusted under Admin console → Security → API controls, then connect again.',
    kind: 'dead',
    link: 'https://admin.google.com/ac/owl/list?tab=configuredApps',
  },
  'authorization.missing': {
    sentence: 'The mailbox was never connected, or was disconnected.',
    actor: 'mailbox-owner',
    remedy: 'Connect the mailbox.',
    kind: 'configuration',
  },
  'authorization.client-changed': {
    sentence: 'The tenant’s OAuth client was replaced; this permission belongs to the former one.',
    actor: 'mailbox-owner',
    remedy: reconnect,
    kind: 'dead',
  },
  'oauth-client.deleted': {
    sentence: 'The OAuth client was deleted at Google.',
    actor: 'tenant-admin',
    remedy:
      'Restore it under Google Auth Platform → Clients (possible for about 30 days), or make a new one, store it in the Google setup and connect again.',
    kind: 'dead',
    link: clients,
  },
  'oauth-client.disabled': {
    sentence: 'The OAuth client is disabled at Google.',
    actor: 'tenant-admin',
    remedy: 'Enable it under Google Auth Platform → Clients.',
    kind: 'configuration',
    link: clients,
  },
  'oauth-client.secret-refused': {
    sentence: 'Google does not accept the OAuth client’s id or secret.',
    actor: 'tenant-admin',
    remedy:
      'Copy an enabled secret of this client (“Add secret” when it is lost) into the Google setup. The permissions given so far stay valid.',
    kind: 'configuration',
    link: clients,
  },
  'oauth-client.new-secret-refused': {
    sentence:
      'Google does not accept the new client secret yet. The one that was replaced stands in, for a day at most.',
    actor: 'tenant-admin',
    remedy:
      'Wait, and leave the former secret enabled at Google meanwhile: a new one may take some hours. If it stays so, compare its last four characters with those in Google’s console, and store it again.',
    kind: 'notice',
    link: clients,
  },
  'oauth-client.unauthorized': {
    sentence: 'The OAuth client may not use this permission: it was given to another client.',
    actor: 'tenant-admin',
    remedy: 'Store the client that the mailbox was connected with, or connect the mailbox again.',
    kind: 'configuration',
    link: clients,
  },
  'oauth-client.redirect-mismatch': {
    sentence: 'The redirect URI {redirectUri} is not registered at the OAuth client.',
    actor: 'tenant-admin',
    remedy:
      'Add exactly {redirectUri} to the client’s authorized redirect URIs. Google may take from five minutes to a few hours to act on it.',
    kind: 'configuration',
    link: clients,
  },
  'google.sign-in-unavailable': {
    sentence: 'Google’s sign-in service does not answer properly at the moment ({detail}).',
    actor: 'nobody',
    remedy: 'The service tries again by itself.',
    kind: 'transient',
  },
} satisfies Record<string, ProblemDefinition>;
