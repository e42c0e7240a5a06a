import {
  calendarAppKeys,
  formerClientSecretKeys,
  gmailAppKeys,
  serviceAccountKey,
  type SecretKey,
} from '#secrets/secret-keys';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Product } from '#contracts/oauth';
import type { OAuthClient } from '../google-sign-in/sign-in.js';
import { readFormerSecret, type FormerSecrets, type PairName } from './former-secret.js';
import type { AppSettings } from './google-app.decider.js';
import { parseServiceAccountKey, type ServiceAccountKey } from './service-account-key.js';

export interface Pair {
  clientId: string | null;
  clientSecret: string | null;
}

/** A tenant's Google app as it really is in the Secrets Provider, which the host may write to as well. */
export interface StoredApp extends AppSettings {
  projectId: string | null;
  gmail: Pair;
  /** Empty unless Calendar has an app of its own. */
  ownCalendar: Pair;
  /** Null also when what is stored is no usable key. */
  key: ServiceAccountKey | null;
  /** What stands in for secrets that were replaced lately. */
  former: FormerSecrets;
}

/** A client as Google is asked in its name. */
export interface TenantClient extends OAuthClient {
  pair: PairName;
  formerSecret: string | null;
}

const appKeys = [
  ...Object.values(gmailAppKeys),
  ...Object.values(calendarAppKeys),
  ...Object.values(formerClientSecretKeys),
  serviceAccountKey,
] satisfies SecretKey[];

export const nothing: Pair = { clientId: null, clientSecret: null };
export const isEmpty = ({ clientId, clientSecret }: Pair): boolean =>
  clientId === null && clientSecret === null;

/** Reads all of it as of one moment, so that an id never meets another app's secret. Rejects with SecretsError. */
export async function readStoredApp(
  secrets: SecretsProvider,
  tenantId: string,
  settings: AppSettings,
  now: Date,
): Promise<StoredApp> {
  const found = await secrets.getTenantSecrets(tenantId, appKeys);
  const pair = (keys: typeof gmailAppKeys | typeof calendarAppKeys): Pair => ({
    clientId: found[keys.clientId] ?? null,
    clientSecret: found[keys.clientSecret] ?? null,
  });
  const key = parseServiceAccountKey(found[serviceAccountKey] ?? '');
  const gmail = pair(gmailAppKeys);
  const ownCalendar = pair(calendarAppKeys);
  const calendar = calendarUses(settings.calendar, gmail, ownCalendar);
  const former = (name: PairName, of: Pair) => readFormerSecret(found[formerClientSecretKeys[name]], of, now);
  return {
    ...settings,
    projectId: found[gmailAppKeys.projectId] ?? null,
    gmail,
    calendar,
    ownCalendar: calendar === 'own' ? ownCalendar : nothing,
    key: key.ok ? key.key : null,
    former: { gmail: former('gmail', gmail), calendar: former('calendar', ownCalendar) },
  };
}

/** A pair that stands there although Calendar has none of its own was written by the host: its copy of Gmail's, or another app. */
function calendarUses(
  calendar: AppSettings['calendar'],
  gmail: Pair,
  ownCalendar: Pair,
): AppSettings['calendar'] {
  if (calendar === 'own' || isEmpty(ownCalendar)) return calendar;
  const copied = ownCalendar.clientId === gmail.clientId && ownCalendar.clientSecret === gmail.clientSecret;
  return copied ? 'same' : 'own';
}

/** The client that a product connects with; null while id or secret is missing. Pairs never mix. */
export function clientOf(app: StoredApp, product: Product): TenantClient | null {
  const { clientId, clientSecret } = pairOf(app, product);
  if (clientId === null || clientSecret === null) return null;
  const pair = pairNameOf(app, product);
  return { clientId, clientSecret, pair, formerSecret: app.former[pair]?.clientSecret ?? null };
}

export const pairNameOf = ({ calendar }: StoredApp, product: Product): PairName =>
  product === 'calendar' && calendar === 'own' ? 'calendar' : 'gmail';

export function pairOf(app: StoredApp, product: Product): Pair {
  if (product === 'gmail' || app.calendar === 'same') return app.gmail;
  return app.calendar === 'own' ? app.ownCalendar : nothing;
}

/** Whose signature pushes carry. */
export const pushSigner = ({ provisioning, key, pushServiceAccount }: StoredApp): string | null =>
  provisioning === 'manual' ? pushServiceAccount : (key?.client_email ?? null);
