import type { ConfigField, GoogleAppStatus, Product } from '#contracts/oauth';
import type { Overlaps } from './google-app.decider.js';
import { isEmpty, pairNameOf, pairOf, pushSigner, type StoredApp } from './stored-app.js';

/** Where this service is, and which permissions it asks for. */
export interface Setup {
  baseUrl: string;
  requestPubsubScope: boolean;
}

const scope = 'https://www.googleapis.com/auth/';

export const scopesOf = (product: Product, { requestPubsubScope }: Setup): string[] => {
  if (product === 'calendar') return [`${scope}calendar`];
  return requestPubsubScope ? [`${scope}gmail.readonly`, `${scope}pubsub`] : [`${scope}gmail.readonly`];
};

export const redirectUriOf = (product: Product, { baseUrl }: Setup): string =>
  product === 'gmail'
    ? `${baseUrl}/api/auth/google/callback`
    : `${baseUrl}/api/auth/google/calendar/callback`;

/** What a product still needs before an account can be connected. */
export function missingFor(app: StoredApp, product: Product): ConfigField[] {
  const pairFields = product === 'gmail' || app.calendar === 'same' ? 'gmail' : 'calendar';
  const { clientId, clientSecret } = pairOf(app, product);
  const fields: [ConfigField, boolean][] = [
    ['projectId', app.projectId !== null],
    [`${pairFields}.clientId`, clientId !== null],
    [`${pairFields}.clientSecret`, clientSecret !== null],
  ];
  if (product === 'gmail') {
    fields.push(
      app.provisioning === 'key'
        ? ['serviceAccountKey', app.key !== null]
        : ['pushServiceAccount', app.pushServiceAccount !== null],
    );
  }
  return fields.filter(([, there]) => !there).map(([field]) => field);
}

/** The digits are the project's number and everybody's to see; of the rest, enough to tell two clients apart. */
export const maskedClientId = (clientId: string): string =>
  clientId.replace(
    /^(\d+)-?(.*?)(\.apps\.googleusercontent\.com)?$/,
    (_, number, rest: string, domain) => `${number}-…${rest.length > 8 ? rest.slice(-4) : ''}${domain ?? ''}`,
  );

export function statusOf(
  tenantId: string,
  app: StoredApp,
  setup: Setup,
  { latest, overlaps }: { latest: { at: string; by: string } | null; overlaps: Overlaps },
): GoogleAppStatus {
  const gmail = productStatus(app, 'gmail', setup, overlaps);
  const calendar = {
    ...productStatus(app, 'calendar', setup, overlaps),
    usesSameApp: app.calendar === 'same',
  };
  return {
    tenantId,
    badge: badgeOf(app, gmail.configured, calendar.configured),
    projectId: app.projectId,
    provisioning: app.provisioning,
    serviceAccountKeyStored: app.key !== null,
    serviceAccountEmail: pushSigner(app),
    gmail,
    calendar,
    updatedAt: latest?.at ?? null,
    updatedBy: latest?.by ?? null,
  };
}

function productStatus(app: StoredApp, product: Product, setup: Setup, overlaps: Overlaps) {
  const { clientId, clientSecret } = pairOf(app, product);
  const pair = pairNameOf(app, product);
  const former = app.former[pair];
  const wanted = product === 'gmail' || app.calendar !== 'none';
  const missing = wanted ? missingFor(app, product) : [];
  return {
    configured: wanted && missing.length === 0,
    missing,
    maskedClientId: clientId === null ? null : maskedClientId(clientId),
    clientSecretStored: clientSecret !== null,
    formerSecret: former && { until: former.until, accepted: overlaps[pair]?.accepted ?? null },
    redirectUri: redirectUriOf(product, setup),
    scopes: scopesOf(product, setup),
  };
}

/** Ready: every product that was begun is complete. A tenant may well use Calendar alone. */
function badgeOf(app: StoredApp, gmailReady: boolean, calendarReady: boolean): GoogleAppStatus['badge'] {
  const gmailBegun = !isEmpty(app.gmail) || app.key !== null || app.pushServiceAccount !== null;
  const calendarBegun = app.calendar === 'own';
  if (!gmailBegun && !calendarBegun && app.projectId === null) return 'not-configured';
  const complete = (!gmailBegun || gmailReady) && (!calendarBegun || calendarReady);
  return (gmailBegun || calendarBegun) && complete ? 'ready' : 'needs-setup';
}
