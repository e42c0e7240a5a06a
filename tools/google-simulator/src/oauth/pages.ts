import type { GoogleUser } from '../users.js';
import type { ErrorPage } from './authorization-request.js';
import type { Attempt } from './oauth-state.js';
import { isSignInScope, scopeInWords } from './scopes.js';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; background: #f0f4f9; color: #1f1f1f; margin: 0; }
  main { background: #fff; border-radius: 16px; max-width: 34rem; margin: 4rem auto; padding: 2rem 2.5rem; }
  header { color: #5f6368; font-size: .875rem; margin-bottom: 1rem; }
  h1 { font-size: 1.5rem; font-weight: 500; }
  h2 { font-size: 1.125rem; font-weight: 500; margin-top: 2rem; }
  pre { font-size: .75rem; overflow-x: auto; }
  button { font: inherit; border: 1px solid #747775; border-radius: 20px; padding: .5rem 1.5rem; background: #fff; color: #0b57d0; cursor: pointer; }
  button.primary { background: #0b57d0; border-color: #0b57d0; color: #fff; }
  button.account { display: block; width: 100%; border-radius: 8px; text-align: left; margin: .5rem 0; color: inherit; }
  button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #a8c7fa; outline-offset: 2px; }
  label { display: block; margin: .75rem 0; }
  code { font-size: .875rem; overflow-wrap: anywhere; color: #5f6368; }
  .actions { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 2rem; }`;

export function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${escaped(title)} – Google (simulated)</title><style>${STYLE}
</style></head>
<body><main><header>Google (simulated)</header>
<h1>${escaped(title)}</h1>
${body}
</main></body>
</html>
`;
}

const hidden = (attempt: Attempt): string => `<input type="hidden" name="attempt" value="${attempt.id}">`;

export function accountChooser(attempt: Attempt, users: readonly GoogleUser[]): string {
  const { client, loginHint } = attempt.request;
  const choices = users
    .toSorted((one, other) => Number(isHinted(other, loginHint)) - Number(isHinted(one, loginHint)))
    .map(
      ({ email, name }) =>
        `<button class="account" name="email" value="${escaped(email)}">${escaped(name)}<br><code>${escaped(email)}</code></button>`,
    );
  return page(
    'Choose an account',
    `<p>to continue to <strong>${escaped(client.name)}</strong></p>
<form method="post" action="/signin/oauth/accountchooser">${hidden(attempt)}
${choices.join('\n') || '<p>No Google account exists yet: seed one through the simulator’s admin API.</p>'}</form>`,
  );
}

export function isHinted(user: GoogleUser, loginHint: string | undefined): boolean {
  return loginHint !== undefined && (user.email === loginHint.toLowerCase() || user.sub === loginHint);
}

export function unverifiedWarning(attempt: Attempt): string {
  const name = escaped(attempt.request.client.name);
  return page(
    'Google hasn’t verified this app',
    `<p>The app <strong>${name}</strong> is requesting access to sensitive info in your Google Account. Until the developer verifies this app with Google, you shouldn’t use it.</p>
<form method="post" action="/signin/oauth/warning">${hidden(attempt)}
<div class="actions"><button name="decision" value="continue">Continue to ${name} (unsafe)</button>
<button class="primary" name="decision" value="cancel">Back to safety</button></div></form>`,
  );
}

/** With tick boxes when more than one permission beyond signing in is asked for, unless the app is trusted. */
export function consentPage(attempt: Attempt, email: string, trusted: boolean): string {
  const { client, scopes } = attempt.request;
  const permissions = scopes.filter((scope) => !isSignInScope(scope));
  const granular = permissions.length > 1 && !trusted;
  const given = granular ? scopes.filter(isSignInScope) : scopes;
  const line = (scope: string): string =>
    granular
      ? `<label><input type="checkbox" name="scope" value="${escaped(scope)}" checked> ${escaped(scopeInWords(scope))}<br><code>${escaped(scope)}</code></label>`
      : `<p>${escaped(scopeInWords(scope))}<br><code>${escaped(scope)}</code></p>`;
  const name = escaped(client.name);
  return page(
    `${client.name} wants access to your Google Account`,
    `<p>${escaped(email)}</p>
<form method="post" action="/signin/oauth/consent">${hidden(attempt)}
${given.map((scope) => `<input type="hidden" name="scope" value="${escaped(scope)}">`).join('\n')}
<p>${granular ? `Select what <strong>${name}</strong> can access` : `This will allow <strong>${name}</strong> to:`}</p>
${permissions.map(line).join('\n') || '<p>See your name, email address and profile picture</p>'}
<label>Keep access <select name="access_seconds"><option value="">until I remove it</option><option value="3600">for 1 hour</option><option value="86400">for 1 day</option><option value="604800">for 7 days</option></select></label>
<div class="actions"><button name="decision" value="cancel">Cancel</button>
<button class="primary" name="decision" value="allow">Continue</button></div></form>`,
  );
}

export function errorPage(error: ErrorPage): string {
  return page(
    'Access blocked',
    `<p>${escaped(error.text)}</p>
<p>Error ${error.status}: <span id="error-code">${escaped(error.page)}</span></p>`,
  );
}
