import type { z } from 'zod';
import { found, type DiagnoseClients, type Finding } from '#contracts/diagnosis';
import type { Product } from '#contracts/oauth';
import type { GoogleEndpoints } from '#google/endpoints';
import { accepted, type Origin, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { maskedClientId, redirectUriOf, scopesOf, type Setup } from '../google-app/app-status.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import { clientOf, type StoredApp } from '../google-app/stored-app.js';
import { unreadable } from '../google-app/unreadable.js';
import { answerToDummyCode } from '../google-sign-in/sign-in.js';
import type { Grants } from '../grant/grants.js';
import { askAuthorizePage, readAuthorizeAnswer } from './authorize-page.js';
import { clientFindings, redirectFinding } from './client-verdicts.js';
import { signInPatience as patience } from './in-time.js';
import { lastingFinding } from './grant-verdicts.js';
import { completeFinding, productsOf } from './setup-verdicts.js';

interface DiagnosingMeans {
  apps: GoogleApps;
  grants: Grants;
  endpoints: GoogleEndpoints;
  setup: Setup;
}

type Answer = z.infer<typeof DiagnoseClients.answer>;

/** Secrets go to Google's token endpoint and nowhere else; what comes back is a code of its errors. */
export const diagnoseClients =
  (means: DiagnosingMeans) =>
  async (
    { product: asked }: z.infer<typeof DiagnoseClients.data>,
    { tenantId }: Origin,
  ): Promise<Reply<Answer>> => {
    const app = await readable(means.apps, tenantId);
    if (!app) return accepted({ findings: [cannotBeRead()] });
    const products = productsOf(app, asked);
    const complete = completeFinding(app, products);
    const asking = products.map((product) => askedOf(means, app, product, products));
    const lasting = asked === 'both' ? [lastingOfTenant(means, tenantId)] : [];
    const found = await Promise.all([...asking, ...lasting]);
    return accepted({ findings: [complete, ...unusedProducts(products), ...found.flat()] });
  };

export async function readable(apps: GoogleApps, tenantId: string): Promise<StoredApp | null> {
  try {
    return await apps.app(tenantId);
  } catch (error) {
    if (unreadable(error)) return null;
    throw error;
  }
}

const cannotBeRead = (): Finding =>
  found.fail(
    'config.complete',
    'What is stored in the Secrets Provider for this tenant?',
    'It cannot be opened.',
    problem('google-app.unreadable'),
  );

async function askedOf(
  { endpoints, setup }: DiagnosingMeans,
  app: StoredApp,
  product: Product,
  products: readonly Product[],
): Promise<Finding[]> {
  const client = clientOf(app, product);
  if (!client) return [];
  const redirectUri = redirectUriOf(product, setup);
  const about = {
    product,
    maskedClientId: maskedClientId(client.clientId),
    projectId: app.projectId,
    redirectUri,
  };
  const scopes = scopesOf(product, setup);
  const asksTwice = product === 'calendar' && app.calendar === 'same' && products.includes('gmail');
  const [ofClient, ofRedirect] = await Promise.all([
    asksTwice
      ? sameClient()
      : answerToDummyCode(endpoints, client, redirectUri, patience).then((answer) =>
          clientFindings(about, answer),
        ),
    askAuthorizePage(endpoints, { clientId: client.clientId, redirectUri, scopes }, patience),
  ]);
  return [...ofClient, redirectFinding(about, readAuthorizeAnswer(ofRedirect, endpoints, redirectUri))];
}

const sameClient = (): Finding[] =>
  (['calendar-client.id', 'calendar-client.secret'] as const).map((check) =>
    found.unneeded(check, 'Calendar uses the same client as Gmail.'),
  );

function unusedProducts(products: readonly Product[]): Finding[] {
  return (['gmail', 'calendar'] as const)
    .filter((product) => !products.includes(product))
    .flatMap((product) =>
      (['id', 'secret', 'redirect'] as const).map((part) =>
        found.unneeded(
          `${product}-client.${part}`,
          product === 'gmail' ? 'Gmail is not used.' : 'Calendar is not used.',
        ),
      ),
    );
}

async function lastingOfTenant({ grants }: DiagnosingMeans, tenantId: string): Promise<Finding[]> {
  const providers = await grants.providersWithTokens(tenantId);
  const states = await Promise.all(providers.map((provider) => grants.state(tenantId, provider)));
  return [lastingFinding(states)];
}
