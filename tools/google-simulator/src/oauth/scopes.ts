const AUTH = 'https://www.googleapis.com/auth/';
export const EMAIL_SCOPE = `${AUTH}userinfo.email`;
export const PROFILE_SCOPE = `${AUTH}userinfo.profile`;

const ALIASES: Record<string, string> = { email: EMAIL_SCOPE, profile: PROFILE_SCOPE };
const SIGN_IN = new Set(['openid', EMAIL_SCOPE, PROFILE_SCOPE]);
const NOT_SENSITIVE = new Set([`${AUTH}gmail.labels`]);
const WORDS: Record<string, string> = {
  'https://mail.google.com/': 'Read, compose, send and permanently delete all your email from Gmail',
  [`${AUTH}gmail.readonly`]: 'View your email messages and settings',
  [`${AUTH}gmail.modify`]: 'Read, compose and send emails from your Gmail account',
  [`${AUTH}gmail.metadata`]:
    'View your email message metadata such as labels and headers, but not the email body',
  [`${AUTH}gmail.send`]: 'Send email on your behalf',
  [`${AUTH}gmail.labels`]: 'See and edit your email labels',
  [`${AUTH}calendar`]: 'See, edit, share and permanently delete all the calendars you can access',
  [`${AUTH}calendar.readonly`]: 'See and download any calendar you can access',
  [`${AUTH}calendar.events`]: 'View and edit events on all your calendars',
  [`${AUTH}pubsub`]: 'View and manage Pub/Sub topics and subscriptions',
  [`${AUTH}cloud-platform`]: 'See, edit, configure and delete your Google Cloud data',
};

/** Splits a scope parameter into distinct scopes, with `email` and `profile` in the long form that Google gives back. */
export function parseScopes(parameter: string): string[] {
  const asked = parameter.split(/\s+/).filter((scope) => scope !== '');
  return [...new Set(asked.map((scope) => ALIASES[scope] ?? scope))];
}

export function isKnownScope(scope: string): boolean {
  return scope === 'openid' || scope === 'https://mail.google.com/' || scope.startsWith(AUTH);
}

export const isSignInScope = (scope: string): boolean => SIGN_IN.has(scope);
export const isGmailScope = (scope: string): boolean =>
  scope === 'https://mail.google.com/' || scope.startsWith(`${AUTH}gmail.`);
export const isCloudScope = (scope: string): boolean =>
  scope === `${AUTH}pubsub` || scope === `${AUTH}cloud-platform`;
/** Sensitive or restricted: an unverified app shows a warning before asking for it. */
export const needsVerification = (scope: string): boolean =>
  !isSignInScope(scope) && !NOT_SENSITIVE.has(scope);

export function scopeInWords(scope: string): string {
  return WORDS[scope] ?? scope;
}
