export interface ConsentWishes {
  /** E-mail of the Google account that is chosen. */
  readonly account: string;
  /** Scopes whose tick boxes are emptied. */
  readonly untick?: readonly string[];
  /** Presses Cancel on the consent page. */
  readonly cancel?: boolean;
  /** Lets the app in for this long only. */
  readonly accessSeconds?: 3_600 | 86_400 | 604_800;
}

/** Back at the app's redirect URI, or stranded on one of Google's error pages. */
export type ConsentResult =
  | { readonly kind: 'redirected'; readonly url: URL }
  | { readonly kind: 'error-page'; readonly page: string; readonly status: number };

const MOST_PAGES = 10;

/**
 * Walks through the consent pages as a person would, without a browser. The redirect back to the app is not followed.
 * @throws Error when a page is not one of Google's, or the account is not among those offered.
 */
export async function walkConsent(authUrl: string, wishes: ConsentWishes): Promise<ConsentResult> {
  const google = new URL(authUrl).origin;
  let response = await fetch(authUrl, { redirect: 'manual' });
  let at = new URL(authUrl);
  for (let step = 0; step < MOST_PAGES; step++) {
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, at);
      if (next.origin !== google || !next.pathname.startsWith('/signin/')) {
        return { kind: 'redirected', url: next };
      }
      at = next;
      response = await fetch(next, { redirect: 'manual' });
      continue;
    }
    const html = await response.text();
    const stranded = /<span id="error-code">([^<]+)<\/span>/.exec(html)?.[1];
    if (stranded !== undefined) return { kind: 'error-page', page: stranded, status: response.status };
    at = new URL(/action="([^"]+)"/.exec(html)?.[1] ?? at, at);
    response = await fetch(at, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(filledIn(at.pathname, html, wishes)),
    });
  }
  throw new Error(`The consent pages of ${google} lead nowhere.`);
}

function filledIn(path: string, html: string, wishes: ConsentWishes): [string, string][] {
  const inputs = [...html.matchAll(/<input type="(hidden|checkbox)" name="([^"]+)" value="([^"]+)"/g)];
  const fields = inputs.map(([, kind, name = '', value = '']) => ({ kind, name, value }));
  const kept = fields
    .filter(({ kind, value }) => kind === 'hidden' || !wishes.untick?.includes(value))
    .map(({ name, value }): [string, string] => [name, value]);
  switch (path) {
    case '/signin/oauth/accountchooser': {
      const account = wishes.account.toLowerCase();
      if (!html.includes(`value="${account}"`)) throw new Error(`There is no Google account ${account}.`);
      return [...kept, ['email', account]];
    }
    case '/signin/oauth/warning':
      return [...kept, ['decision', 'continue']];
    case '/signin/oauth/consent':
      return [
        ...kept,
        ['decision', wishes.cancel ? 'cancel' : 'allow'],
        ['access_seconds', String(wishes.accessSeconds ?? '')],
      ];
    default:
      throw new Error(`Not a consent page: ${path}`);
  }
}
