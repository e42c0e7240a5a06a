import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { createLogger } from '#logging/logger';
import { consolePages } from './console-pages.js';

let folder: string;
let server: FastifyInstance;

const script = 'console.log("hello")';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-google-site-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(
    join(folder, 'index.html'),
    '<base href="%base%"><meta name="settings" content="%settings%"><meta content="%nonce%">',
  );
  await writeFile(join(folder, 'assets', 'index-abc.js'), script);
  await writeFile(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(script));
  server = await served(folder);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function served(of: string): Promise<FastifyInstance> {
  const instance = fastify();
  const configuration = {
    baseUrl: 'https://psa.example.com/google',
    console: { origins: ['https://app.psa.example.com'], folder: of },
    development: false,
  };
  (await consolePages({ configuration, logger: createLogger({ level: 'silent', name: 'spec' }) }))(instance);
  await instance.ready();
  return instance;
}

describe('the console’s page', () => {
  it.each(['/console', '/console/', '/console/mailboxes/m1'])(
    'is answered at %s, and never kept',
    async (url) => {
      const { statusCode, headers, body } = await server.inject(url);
      expect(statusCode).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      expect(body).toContain('<base href="/google/console/">');
      expect(body).toContain('https://psa.example.com&#34;,&#34;https://app.psa.example.com');
    },
  );

  it('lets nothing run but its own files, with another nonce each time', async () => {
    const [first, second] = [await server.inject('/console'), await server.inject('/console')];
    const policy = String(first.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'self' https://app.psa.example.com");
    expect(policy).not.toContain('unsafe');
    const nonce = /nonce-([^']+)/.exec(policy)![1]!;
    expect(first.body).toContain(nonce);
    expect(second.body).not.toContain(nonce);
  });
});

describe('the console’s files', () => {
  it('are kept by browsers, and come compressed when they may', async () => {
    const url = '/console/assets/index-abc.js';
    const plain = await server.inject(url);
    expect(plain.body).toBe(script);
    expect(plain.headers['cache-control']).toContain('immutable');
    const compressed = await server.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
    expect(compressed.headers['content-encoding']).toBe('br');
    expect(compressed.rawPayload.equals(brotliCompressSync(script))).toBe(true);
  });

  it.each(['/console/assets/other.js', '/console/assets/..%2Findex.html', '/console/assets/index-abc.js.br'])(
    'are no others: %s',
    async (url) => {
      expect((await server.inject(url)).statusCode).toBe(404);
    },
  );

  it('say so when they were never built', async () => {
    const unbuilt = await served(join(folder, 'nowhere'));
    const { statusCode, body } = await unbuilt.inject('/console/setup');
    expect(statusCode).toBe(404);
    expect(body).toContain('npm run build');
    await unbuilt.close();
  });
});
