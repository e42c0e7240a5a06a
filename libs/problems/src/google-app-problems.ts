import type { ProblemDefinition } from './problem-definition.js';

const clients = 'https://console.cloud.google.com/auth/clients?project={projectId}';
const serviceAccounts = 'https://console.cloud.google.com/iam-admin/serviceaccounts?project={projectId}';

/** What can be wrong with a tenant's Google app as it is entered; most belong to one field of the setup. */
export const googleAppProblems = {
  'google-app.incomplete': {
    sentence: 'Google integration is not configured for this tenant: {missing} missing.',
    actor: 'tenant-admin',
    remedy: 'Complete the Google setup under Settings → Integrations → Communication → Google.',
    kind: 'configuration',
  },
  'google-app.refused': {
    sentence: 'The Google setup was not stored: some of its fields are not right.',
    actor: 'tenant-admin',
    remedy: 'Correct the fields that are named; each says how. Nothing was changed.',
    kind: 'refusal',
  },
  'google-app.unreadable': {
    sentence: 'The stored credentials of the Google app cannot be read.',
    actor: 'operator',
    remedy:
      'Check the Secrets Provider: its key ring or folder has to be the one that the secrets were stored with.',
    kind: 'configuration',
  },
  'google-app.removal-goes-on': {
    sentence: 'The Google app is being removed; disconnecting all providers takes longer than an answer may.',
    actor: 'nobody',
    remedy: 'The service finishes by itself. Look at the Google setup again in a few minutes.',
    kind: 'transient',
  },
  'google-app.secrets-not-received': {
    sentence: 'The secrets that belong to this request are not there, or were used already.',
    actor: 'caller',
    remedy: 'Send the request again with its secrets.',
    kind: 'refusal',
  },
  'project-id.malformed': {
    sentence: '"{value}" is not a Google Cloud project id.',
    actor: 'tenant-admin',
    remedy:
      'Enter the project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter. It stands beside the project name in the console’s project picker.',
    kind: 'refusal',
  },
  'project-id.is-number': {
    sentence: '"{value}" is a project number, not a project id.',
    actor: 'tenant-admin',
    remedy:
      'Enter the project id (for example acme-psa-1234); the number is another name for the project that Pub/Sub does not use here.',
    kind: 'refusal',
  },
  'client-id.malformed': {
    sentence: 'This is not an OAuth client id.',
    actor: 'tenant-admin',
    remedy:
      'Copy the Client ID from Google Auth Platform → Clients: digits, a hyphen, letters and digits, then .apps.googleusercontent.com.',
    kind: 'refusal',
    link: clients,
  },
  'client-id.is-email': {
    sentence: 'This is an e-mail address, not an OAuth client id.',
    actor: 'tenant-admin',
    remedy:
      'Copy the Client ID (it ends in .apps.googleusercontent.com), not the address of an account or service account.',
    kind: 'refusal',
    link: clients,
  },
  'client-id.is-secret': {
    sentence: 'This looks like a client secret, not a client id.',
    actor: 'tenant-admin',
    remedy: 'Put the value that begins with GOCSPX- into the client secret field and the Client ID here.',
    kind: 'refusal',
  },
  'client-id.without-secret': {
    sentence: 'A new client id came without its client secret.',
    actor: 'tenant-admin',
    remedy: 'Enter the client secret that belongs to this client id: pairs never mix.',
    kind: 'refusal',
  },
  'client-secret.without-id': {
    sentence: 'A client secret came, but there is no client id that it belongs to.',
    actor: 'tenant-admin',
    remedy: 'Enter the client id and its secret together.',
    kind: 'refusal',
  },
  'client-secret.malformed': {
    sentence: 'This is not a client secret.',
    actor: 'tenant-admin',
    remedy:
      'Copy the whole secret: at least 20 characters without blanks, nowadays beginning with GOCSPX-. Lost it? Use “Add secret” at the client in Google’s console.',
    kind: 'refusal',
    link: clients,
  },
  'client-secret.has-white-space': {
    sentence: 'The client secret holds blanks or line breaks.',
    actor: 'tenant-admin',
    remedy: 'Copy it again without anything before, after or inside.',
    kind: 'refusal',
  },
  'client-secret.is-client-id': {
    sentence: 'This is a client id, not a client secret.',
    actor: 'tenant-admin',
    remedy:
      'Put the value that ends in .apps.googleusercontent.com into the client id field and the secret here.',
    kind: 'refusal',
  },
  'calendar.same-app-needs-gmail': {
    sentence: 'Calendar is to use the same app as Gmail, but Gmail has no client id and secret yet.',
    actor: 'tenant-admin',
    remedy: 'Enter the Gmail client id and secret, or give Calendar a pair of its own.',
    kind: 'refusal',
  },
  'service-account-key.malformed': {
    sentence: 'This is not the JSON of a service account key.',
    actor: 'tenant-admin',
    remedy:
      'Upload the file unchanged as Google’s console downloaded it (IAM & Admin → Service Accounts → Keys → Add key → JSON).',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'service-account-key.is-oauth-client': {
    sentence: 'This is the JSON of an OAuth client, not of a service account key.',
    actor: 'tenant-admin',
    remedy:
      'Its client id and secret belong into the fields above. The key is made under IAM & Admin → Service Accounts → Keys.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'service-account-key.wrong-type': {
    sentence: 'This credential is of the type "{type}", not "service_account".',
    actor: 'tenant-admin',
    remedy: 'Create a JSON key of a service account; other kinds of credentials are not accepted.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'service-account-key.too-large': {
    sentence: 'This file is too large for a service account key.',
    actor: 'tenant-admin',
    remedy: 'A key file has about 2 kB; at most 16 KiB are accepted.',
    kind: 'refusal',
  },
  'service-account-key.field-missing': {
    sentence: 'The key file lacks {field}, or it is not what Google writes there.',
    actor: 'tenant-admin',
    remedy: 'Upload the file unchanged as Google’s console downloaded it.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'service-account-key.private-key-unusable': {
    sentence: 'The private key in the file cannot be used: {reason}.',
    actor: 'tenant-admin',
    remedy:
      'Create a new key for the service account and upload the file unchanged. Google makes RSA keys of 2048 bits.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'service-account-key.foreign-address': {
    sentence: 'The key file names {field} that is not Google’s.',
    actor: 'tenant-admin',
    remedy:
      'Only keys of Google Cloud’s public universe (googleapis.com) are accepted. Download the key again from Google’s console.',
    kind: 'refusal',
  },
  'service-account-key.other-project': {
    sentence: 'The key belongs to the project {keyProject}, but the configured project is {projectId}.',
    actor: 'tenant-admin',
    remedy:
      'Create the key in the project {projectId}, or correct the project id: OAuth client, topic and service account live in one project.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'push-service-account.malformed': {
    sentence: 'This is not the e-mail address of a service account.',
    actor: 'tenant-admin',
    remedy:
      'Copy the address from IAM & Admin → Service Accounts: name@project-id.iam.gserviceaccount.com. It is the account that the push subscription signs with.',
    kind: 'refusal',
    link: serviceAccounts,
  },
  'push-service-account.other-project': {
    sentence:
      'The service account belongs to the project {accountProject}, but the configured project is {projectId}.',
    actor: 'tenant-admin',
    remedy:
      'Enter a service account of the project {projectId}, or correct the project id, and let the push subscription sign with that account.',
    kind: 'refusal',
    link: serviceAccounts,
  },
} satisfies Record<string, ProblemDefinition>;
