import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '#servers/child-server';

// Node runs the sources as they are, once it is told where they are written.
const libs = pathToFileURL(join(import.meta.dirname, '../..')).href;
const runSources = `import { registerHooks } from 'node:module';
  const source = (name, from) =>
    name.startsWith('#') ? name.replace(/^#([^/]+)[/](.+)$/, '${libs}/$1/src/$2.ts')
    : from?.startsWith('${libs}') ? name.replace(/^([.].*)[.]js$/, '$1.ts')
    : name;
  registerHooks({ resolve: (name, context, next) => next(source(name, context.parentURL), context) });`;

/** Runs a process of no service at all, in which then something happens. */
function processIn(
  happening: string,
  settings: Record<string, string> = {},
): Promise<{ code: number | null; printed: string }> {
  const program = `
    const { runAsProcess } = await import(${JSON.stringify(join(import.meta.dirname, 'process.ts'))});
    await runAsProcess([]);
    setInterval(() => {}, 1000);
    ${happening}`;
  const hooks = `data:text/javascript,${encodeURIComponent(runSources)}`;
  const flags = ['--experimental-transform-types', '--no-warnings', '--input-type=module', '--import', hooks];
  const env = {
    BASE_URL: 'https://psa.example.com',
    NATS_URL: 'nats://127.0.0.1:1',
    DATABASE_URL: 'postgresql://127.0.0.1:1/none',
    AUTH_JWT_SECRET: 'x'.repeat(32),
    SECRETS_KEY_RING: `k1:${Buffer.alloc(32).toString('base64')}`,
    ...settings,
  };
  return new Promise((resolve) =>
    execFile(process.execPath, [...flags, '--eval', program], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code as unknown as number) : 0, printed: stdout + stderr }),
    ),
  );
}

it.each([
  ['a rejection that nobody handles', 'void Promise.reject(failure);'],
  ['an error that nobody catches', 'setImmediate(() => { throw failure; });'],
])('ends for %s, and prints nothing that hangs on it', async (_, happening) => {
  const failure = `const failure = Object.assign(new Error('refused'), { config: { headers: { authorization: 'canary' } } });`;
  const { code, printed } = await processIn(failure + happening);
  expect(code).toBe(1);
  expect(printed).toContain('refused');
  expect(printed).not.toContain('canary');
});

it('answers its operators on a port of its own, and frees it when it ends', async () => {
  const port = await freePort();
  const asking = `
    for (const path of ['health', 'ready', 'metrics']) {
      const answer = await fetch('http://127.0.0.1:${port}/' + path);
      console.log(path, answer.status, await answer.text());
    }
    process.kill(process.pid, 'SIGTERM');`;
  const { code, printed } = await processIn(asking, { OPERATOR_PORT: String(port) });
  expect(printed).toContain('health 200 {"status":"ok"}');
  expect(printed).toContain('ready 503 {"status":"not-ready","services":{}}');
  expect(printed).toContain('# TYPE nodejs_eventloop_lag_seconds gauge');
  expect(code).toBe(0);
});
