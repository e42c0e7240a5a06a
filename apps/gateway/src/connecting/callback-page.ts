import { describeProblem, type DescribedProblem, type Problem } from '#problems/problem';
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
  :root { color-scheme: light dark; --edge: light-dark(#d5dae1, #3a4048); --quiet: light-dark(#5b6470, #a3adb9); --well: light-dark(#18794e, #4cc38a); --wrong: light-dark(#b4232c, #ff8589) }
  * { box-sizing: border-box }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 1rem; display: grid; min-height: 100vh; place-items: center; background: light-dark(#f4f6f9, #14171b); color: light-dark(#1a1f26, #e8ebef) }
  main { width: 100%; max-width: 32rem; padding: 2rem; border: 1px solid var(--edge); border-top: .3rem solid var(--outcome); border-radius: .75rem; background: light-dark(#fff, #1c2026) }
  main[role=status] { --outcome: var(--well) }
  main[role=alert] { --outcome: var(--wrong) }
  h1 { display: flex; align-items: center; gap: .6rem; font-size: 1.3rem; line-height: 1.3; margin: 0 0 1rem }
  h1 svg { flex: none; width: 1.6rem; height: 1.6rem; fill: none; stroke: var(--outcome); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
  p { margin: 0 0 .75rem; overflow-wrap: anywhere }
  section { margin: 1rem 0; padding: .75rem 1rem; border-left: .25rem solid var(--outcome); background: light-dark(#f4f6f9, #262b32); border-radius: 0 .4rem .4rem 0 }
  section p:last-child { margin: 0 }
  h2 { font-size: 1rem; margin: 0 0 .25rem }
  a { color: light-dark(#0b57d0, #8ab4f8) }
  button { font: inherit; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .5rem; background: none; color: inherit; cursor: pointer }
  :focus-visible { outline: 3px solid light-dark(#0b57d0, #8ab4f8); outline-offset: 2px }
  footer { margin-top: 1.25rem; color: var(--quiet); font-size: .85rem }
`;

const marks = {
  well: '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/></svg>',
  wrong:
    '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M12 7v6M12 16.5v.1"/></svg>',
};

/**
 * The page at the end of Google's consent: plain words, and one message to the page that opened it. Nothing is loaded
 * from anywhere, nothing of Google's answer is in it, and the address is emptied of the code at once.
 */
export function callbackPage(outcome: Outcome, nonce: string): string {
  const { connected, account, problem, product } = outcome;
  const told = problem ? describeProblem(problem) : null;
  const what = product === 'calendar' ? 'The calendar' : 'The mailbox';
  const title = connected ? `${what} is connected` : `${what} was not connected`;
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
<h1>${connected ? marks.well : marks.wrong}<span>${escaped(title)}</span></h1>
${connected && account ? `<p><strong>${escaped(account)}</strong> gave the permission.</p>` : ''}
${connected ? `<p>The settings show it as connected once the first notification from Google has arrived, usually within a few minutes.</p>` : ''}
${told ? adviceOn(told) : ''}
<button type="button" id="close" hidden>Close this window</button>
${told ? `<footer>Code: <code>${escaped(told.code)}</code></footer>` : ''}
</main>
<script nonce="${nonce}">
history.replaceState(null, '', location.pathname);
const told = ${scriptJson({ message: messageOf(outcome), origin: outcome.openerOrigin })};
if (window.opener) {
  const button = document.getElementById('close');
  button.hidden = false;
  button.addEventListener('click', () => window.close());
  if (told.origin) window.opener.postMessage(told.message, told.origin);
  if (told.message.success) setTimeout(() => window.close(), 1500);
}
</script>
</body>
</html>
`;
}

/** What is wrong, or worth knowing, and what to do about it. */
const adviceOn = ({ sentence, remedy, link }: DescribedProblem): string => `<p>${escaped(sentence)}</p>
<section><h2>What to do</h2><p>${escaped(remedy)}</p>
${link ? `<p><a href="${escaped(link)}" rel="noreferrer noopener" target="_blank">Open the page at Google</a></p>` : ''}</section>`;

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
