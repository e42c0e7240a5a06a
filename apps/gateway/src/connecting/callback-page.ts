import { describeProblem, type Problem } from '#problems/problem';
import type { Product } from '#contracts/oauth';

/** How an attempt to connect ended, as the window that was opened for it shows it. */
export interface Outcome {
  product: Product;
  connected: boolean;
  providerId: string | null;
  account: string | null;
  problem: Problem | null;
  /** The exact origin of the page that opened the window; null: nobody is told. */
  openerOrigin: string | null;
}

const style = `
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh; place-items: center; background: Canvas; color: CanvasText }
  main { max-width: 32rem; padding: 2rem }
  h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem }
  p { margin: 0 0 .75rem }
  .notice { border-left: .25rem solid; padding-left: .75rem }
  code { font-size: .9em }
`;

/**
 * The page at the end of Google's consent: plain words, and one message to the page that opened it. Nothing is loaded
 * from anywhere, nothing of Google's answer is in it, and the address is emptied of the code at once.
 */
export function callbackPage(outcome: Outcome, nonce: string): string {
  const { connected, account, problem } = outcome;
  const told = problem ? describeProblem(problem) : null;
  const what = outcome.product === 'calendar' ? 'The calendar' : 'The mailbox';
  const title = connected ? `${what} is connected` : `${what} was not connected`;
  const next = connected
    ? 'You can close this window. The first notification of Google proves the way, usually within a minute.'
    : 'Close this window and go back to the settings when that is done.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main role="${connected ? 'status' : 'alert'}">
<h1>${escaped(title)}</h1>
${connected && account ? `<p>${escaped(account)} gave the permission.</p>` : ''}
${told ? `<p${connected ? ' class="notice"' : ''}>${escaped(told.sentence)}</p>\n<p><strong>What to do:</strong> ${escaped(told.remedy)}</p>` : ''}
${told?.link ? `<p><a href="${escaped(told.link)}" rel="noreferrer noopener" target="_blank">Open the page at Google</a></p>` : ''}
<p>${next}</p>
${told ? `<p><small>Code: <code>${escaped(told.code)}</code></small></p>` : ''}
</main>
<script nonce="${nonce}">
history.replaceState(null, '', location.pathname);
const told = ${scriptJson({ message: messageOf(outcome), origin: outcome.openerOrigin })};
if (window.opener && told.origin) window.opener.postMessage(told.message, told.origin);
if (window.opener && told.message.success) setTimeout(() => window.close(), 1500);
</script>
</body>
</html>
`;
}

/** What the host's form waits for. Tokens never leave the service, so there are none in it. */
export function messageOf({ product, connected, providerId, problem }: Outcome) {
  return {
    type: 'oauth-callback',
    provider: 'google',
    ...(product === 'calendar' ? { resource: 'calendar' } : {}),
    success: connected,
    ...(!connected && problem
      ? { error: problem.code, errorDescription: describeProblem(problem).sentence }
      : {}),
    data: { ...(product === 'calendar' ? { calendarProviderId: providerId } : {}), providerId, connected },
  };
}

/** Nothing may run or load but the one script and the one style of the page, and no other page may frame it. */
export const contentSecurityPolicy = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

/** JSON that cannot end the script it stands in. */
const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
