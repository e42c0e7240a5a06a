import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { signingKeyIn } from '#event-sourcing/chain/signing-key';
import { withSecretFiles } from './secret-files.js';

const flag = z.stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no'] });
const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `has to be a URL such as ${example}` });
const port = z.coerce.number({ error: 'has to be a port number' }).int().min(0).max(65_535);
const wholeNumber = z.coerce.number({ error: 'has to be a whole number' }).int().min(0);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
);
const origins = list.refine(
  (entries) => entries.every((entry) => URL.canParse(entry) && new URL(entry).origin === entry),
  { error: 'has to be a comma-separated list of origins such as https://psa.example.com, without a path' },
);
// Its authority may be a list of nodes, which is no URL; the adapter says what else may be wrong with it.
const eventStoreDbUrl = z.string().regex(/^(esdb|kurrentdb|kdb)(\+discover)?:\/\/\S+$/, {
  error: 'has to be a connection string such as esdb://user:password@host:2113?tls=true or kurrentdb://…',
});

const signingKey = z.string().transform((text, context) => {
  const key = signingKeyIn(text);
  if (key) return key;
  context.addIssue({
    code: 'custom',
    message: 'holds no Ed25519 key: "npm run audit -- make-key" prints one as it has to be',
  });
  return z.NEVER;
});

const natsUrls = z.string().refine(
  (text) => {
    const urls = text.split(',').map((each) => URL.parse(each.trim()));
    return urls.every((parsed) => parsed && /^(nats|tls|wss?):$/.test(parsed.protocol) && parsed.host);
  },
  { error: 'has to be a URL such as nats://localhost:4222, or several of one cluster, separated by commas' },
);

/** Every setting, as .env.example explains it. */
const environment = z.object({
  BASE_URL: url(/^https?$/, 'https://psa.example.com').transform((value) => value.replace(/\/+$/, '')),
  GATEWAY_HOST: z.string().default('0.0.0.0'),
  GATEWAY_PORT: port.default(3000),
  OPENER_ORIGINS: origins.default([]),
  CONSOLE_ORIGINS: origins.default([]),
  CONSOLE_FOLDER: z.string().optional(),
  OPERATOR_HOST: z.string().default('127.0.0.1'),
  OPERATOR_PORT: port.optional(),
  NATS_URL: natsUrls,
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: z.string().optional(),
  NATS_REPLICAS: z.coerce
    .number({ error: 'has to be 1, 3 or 5' })
    .refine((replicas) => [1, 3, 5].includes(replicas), { error: 'has to be 1, 3 or 5' })
    .optional(),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgresql://user:password@localhost:5432/tenant_google'),
  DATABASE_POOL_SIZE: wholeNumber.min(2).default(10),
  EVENTSTOREDB_URL: eventStoreDbUrl.optional(),
  AUTH_JWT_SECRET: z.string().min(32, { error: 'has to be at least 32 characters' }).optional(),
  AUTH_JWKS_URL: url(/^https?$/, 'https://psa.example.com/.well-known/jwks.json').optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  SECRETS_PROVIDER: z.enum(['postgres', 'files']).default('postgres'),
  SECRETS_KEY_RING: z.string().optional(),
  SECRET_FS_BASE_PATH: z.string().default('../secrets'),
  REQUEST_PUBSUB_SCOPE: flag.default(false),
  MESSAGE_RETENTION_DAYS: wholeNumber.min(1).default(14),
  AUDIT_RETENTION_DAYS: wholeNumber.min(1).default(365),
  AUDIT_SIGNING_KEY: signingKey.optional(),
  BACKFILL_DAYS: wholeNumber.min(1).default(14),
  BACKFILL_MESSAGES: wholeNumber.min(1).default(2_000),
  CALENDAR_PAST_DAYS: wholeNumber.default(30),
  GOOGLE_SIMULATOR_URL: url(/^http$/, 'http://127.0.0.1:8085').optional(),
  DEVELOPMENT: flag.default(false),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Their names; those of `secretSettings` may be given by `<NAME>_FILE`, too. */
export const settingNames = Object.keys(environment.shape);

export type Environment = Record<string, string | undefined>;

/** The one configuration object. Times in the units that the names say. */
export interface Configuration {
  /** The public address, without a trailing slash; redirect URIs and the push address are derived from it and nothing else. */
  baseUrl: string;
  gateway: { host: string; port: number; openerOrigins: string[] };
  console: {
    /** Pages that may show the console in a frame or open it, and hand it a token. */
    origins: string[];
    /** Where its built files lie, when not beside the compiled gateway. */
    folder: string | undefined;
  };
  /** Where this process tells its operators how it is. Without a port nowhere, but in development on the gateway's own address. */
  operator: { host: string; port?: number };
  /** One or more servers of one cluster, with the user and the password if there are any. */
  natsUrl: string;
  database: { url: string; poolSize: number };
  /** Where events are kept; in the database unless EventStoreDB is named. */
  eventStore: { kind: 'postgres' } | { kind: 'eventstoredb'; url: string };
  auth: ({ kind: 'shared-secret'; secret: string } | { kind: 'jwks'; url: string }) & {
    issuer?: string;
    audience?: string;
  };
  secrets: { kind: 'postgres'; keyRing: string } | { kind: 'files'; basePath: string };
  google: { simulatorUrl: string | undefined; requestPubsubScope: boolean };
  messages: {
    retentionDays: number;
    /** Copies of every stream in the NATS cluster; as they are unless given. */
    replicas?: number;
    backfillDays: number;
    backfillMessages: number;
  };
  /** Events that were over so many days before a calendar's first sync are not delivered; all later ones are. */
  calendar: { pastDays: number };
  /** How long it stays on record who got which access token, which refreshes failed and which secrets were read. Events stay for ever. */
  audit: {
    retentionDays: number;
    /** Signs the heads of all streams once a day, if there is one. */
    signingKey?: KeyObject;
  };
  development: boolean;
  logLevel: z.infer<typeof environment>['LOG_LEVEL'];
}

/** Says every wrong setting at once, never a value. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';

  constructor(readonly faults: { setting: string; fault: string }[]) {
    super(
      [
        'The configuration cannot be used:',
        ...faults.map(({ setting, fault }) => `  ${setting} ${fault}.`),
        'Set these in the environment; .env.example explains each of them.',
      ].join('\n'),
    );
  }
}

/** Names of the host's app-level Google credentials. They are never read: each tenant brings its own app. */
const appLevelCredentials = [
  'GOOGLE_CLIENT_ID',
  'GOOGLE_CLIENT_SECRET',
  'GOOGLE_CALENDAR_CLIENT_ID',
  'GOOGLE_CALENDAR_CLIENT_SECRET',
  'GOOGLE_REDIRECT_URI',
  'GOOGLE_SERVICE_ACCOUNT_KEY',
];

/** Which ignored app-level settings are present, for a warning at the start. */
export const ignoredSettings = (env: Environment = process.env): string[] =>
  appLevelCredentials.filter((name) => env[name]);

/** What is set, secrets from their files included. @throws ConfigurationError */
function givenIn(env: Environment): Environment {
  const { settings, faults } = withSecretFiles(env);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return settings;
}

/** Reads and checks the environment as a whole. @throws ConfigurationError */
export function readConfiguration(env: Environment = process.env): Configuration {
  const given = givenIn(env);
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map(({ path, message, code }) => ({
        setting: path.join('.'),
        fault: code === 'invalid_type' && !(path.join('.') in given) ? 'is missing' : lowerFirst(message),
      })),
    );
  }
  const settings = parsed.data;
  const faults = contradictions(settings);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return {
    baseUrl: settings.BASE_URL,
    gateway: {
      host: settings.GATEWAY_HOST,
      port: settings.GATEWAY_PORT,
      openerOrigins: settings.OPENER_ORIGINS,
    },
    console: { origins: settings.CONSOLE_ORIGINS, folder: settings.CONSOLE_FOLDER },
    operator: {
      host: settings.OPERATOR_HOST,
      ...(settings.OPERATOR_PORT === undefined ? {} : { port: settings.OPERATOR_PORT }),
    },
    natsUrl: withUser(settings),
    database: { url: settings.DATABASE_URL, poolSize: settings.DATABASE_POOL_SIZE },
    eventStore: settings.EVENTSTOREDB_URL
      ? { kind: 'eventstoredb', url: settings.EVENTSTOREDB_URL }
      : { kind: 'postgres' },
    auth: {
      ...(settings.AUTH_JWKS_URL
        ? { kind: 'jwks' as const, url: settings.AUTH_JWKS_URL }
        : { kind: 'shared-secret' as const, secret: settings.AUTH_JWT_SECRET! }),
      ...(settings.AUTH_ISSUER ? { issuer: settings.AUTH_ISSUER } : {}),
      ...(settings.AUTH_AUDIENCE ? { audience: settings.AUTH_AUDIENCE } : {}),
    },
    secrets:
      settings.SECRETS_PROVIDER === 'files'
        ? { kind: 'files', basePath: settings.SECRET_FS_BASE_PATH }
        : { kind: 'postgres', keyRing: settings.SECRETS_KEY_RING! },
    google: {
      simulatorUrl: settings.GOOGLE_SIMULATOR_URL,
      requestPubsubScope: settings.REQUEST_PUBSUB_SCOPE,
    },
    messages: {
      retentionDays: settings.MESSAGE_RETENTION_DAYS,
      ...(settings.NATS_REPLICAS === undefined ? {} : { replicas: settings.NATS_REPLICAS }),
      backfillDays: settings.BACKFILL_DAYS,
      backfillMessages: settings.BACKFILL_MESSAGES,
    },
    calendar: { pastDays: settings.CALENDAR_PAST_DAYS },
    audit: {
      retentionDays: settings.AUDIT_RETENTION_DAYS,
      ...(settings.AUDIT_SIGNING_KEY ? { signingKey: settings.AUDIT_SIGNING_KEY } : {}),
    },
    development: settings.DEVELOPMENT,
    logLevel: settings.LOG_LEVEL,
  };
}

function withUser({ NATS_URL, NATS_USER, NATS_PASSWORD }: z.infer<typeof environment>): string {
  if (!NATS_USER || !NATS_PASSWORD) return NATS_URL;
  const urls = NATS_URL.split(',').map((each) => {
    const server = new URL(each.trim());
    server.username = encodeURIComponent(NATS_USER);
    server.password = encodeURIComponent(NATS_PASSWORD);
    return server.href;
  });
  return urls.join(',');
}

function contradictions(settings: z.infer<typeof environment>): { setting: string; fault: string }[] {
  const faults: { setting: string; fault: string }[] = [];
  if (!settings.AUTH_JWT_SECRET === !settings.AUTH_JWKS_URL) {
    faults.push({
      setting: 'AUTH_JWT_SECRET or AUTH_JWKS_URL',
      fault: 'has to be set, exactly one of them, so that the PSA’s tokens can be verified',
    });
  }
  if (settings.SECRETS_PROVIDER === 'postgres' && !settings.SECRETS_KEY_RING) {
    faults.push({
      setting: 'SECRETS_KEY_RING',
      fault: 'is missing: make a key with "openssl rand -base64 32" and set SECRETS_KEY_RING="k1:<that key>"',
    });
  }
  if (!settings.NATS_USER !== !settings.NATS_PASSWORD) {
    faults.push({
      setting: settings.NATS_USER ? 'NATS_PASSWORD' : 'NATS_USER',
      fault: 'is missing: a user of NATS and its password are set together, or neither',
    });
  }
  if (settings.GOOGLE_SIMULATOR_URL && !settings.DEVELOPMENT) {
    faults.push({
      setting: 'GOOGLE_SIMULATOR_URL',
      fault: 'is only for development: leave it out, or set DEVELOPMENT=true',
    });
  }
  if (!settings.DEVELOPMENT && new URL(settings.BASE_URL).protocol !== 'https:') {
    faults.push({
      setting: 'BASE_URL',
      fault: 'has to be https: Google accepts nothing else (or set DEVELOPMENT=true)',
    });
  }
  return faults;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const embeddedEnvironment = z.object({
  DATA_DIR: z.string().default('.data'),
  GATEWAY_PORT: port.default(3000),
  SIMULATOR_PORT: port.default(8085),
  DATABASE_URL: environment.shape.DATABASE_URL.optional(),
  NATS_URL: environment.shape.NATS_URL.optional(),
  EVENTSTOREDB_URL: environment.shape.EVENTSTOREDB_URL,
  LOG_LEVEL: environment.shape.LOG_LEVEL,
});

/** Settings of the embedded run, which brings what is not given. */
export interface EmbeddedSettings {
  dataDir: string;
  gatewayPort: number;
  simulatorPort: number;
  databaseUrl?: string;
  natsUrl?: string;
  eventStoreDbUrl?: string;
  logLevel: Configuration['logLevel'];
}

/** @throws ConfigurationError */
export function readEmbeddedSettings(env: Environment = process.env): EmbeddedSettings {
  const given = givenIn(env);
  const parsed = embeddedEnvironment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map(({ path, message }) => ({
        setting: path.join('.'),
        fault: lowerFirst(message),
      })),
    );
  }
  const { DATA_DIR, GATEWAY_PORT, SIMULATOR_PORT, DATABASE_URL, NATS_URL, EVENTSTOREDB_URL, LOG_LEVEL } =
    parsed.data;
  return {
    dataDir: DATA_DIR,
    gatewayPort: GATEWAY_PORT,
    simulatorPort: SIMULATOR_PORT,
    logLevel: LOG_LEVEL,
    ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
    ...(NATS_URL ? { natsUrl: NATS_URL } : {}),
    ...(EVENTSTOREDB_URL ? { eventStoreDbUrl: EVENTSTOREDB_URL } : {}),
  };
}
