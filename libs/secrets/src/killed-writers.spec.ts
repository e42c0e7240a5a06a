import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileSecrets } from './file-secrets.js';
import { gmailAppKeys } from './secret-keys.js';

const { clientId, clientSecret } = gmailAppKeys;

// Node runs the sources as they are, once it is told that "x.js" is written in "x.ts".
const runSources = `import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) => next(name.startsWith('.') ? name.replace(/[.]js$/, '.ts') : name, context) });`;

const writer = (base: string, name: string): string => `
  const { fileSecrets } = await import(${JSON.stringify(join(import.meta.dirname, 'file-secrets.ts'))});
  const secrets = fileSecrets(${JSON.stringify(base)});
  for (let round = 0; ; round++) {
    const value = '${name}-' + round;
    await secrets.changeTenantSecrets('t1', { ${clientId}: value, ${clientSecret}: value });
    process.stdout.write(value + '\\n');
  }`;

/** Writes pairs of equal values for as long as it lives; tells each that it has written. */
function startWriter(base: string, name: string, all: Set<ChildProcess>) {
  const flags = ['--experimental-transform-types', '--no-warnings', '--input-type=module'];
  const hooks = `data:text/javascript,${encodeURIComponent(runSources)}`;
  const child = spawn(process.execPath, [...flags, '--import', hooks, '--eval', writer(base, name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  all.add(child);
  const exited = once(child, 'exit');
  const written = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async writes(): Promise<string> {
      const { value, done } = await written.next();
      if (done) throw new Error('the writer ended by itself');
      return value;
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('two processes that write the same secrets and are killed', () => {
  let base: string;
  const children = new Set<ChildProcess>();
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'tenant-google-secrets-'));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  it('leave a whole change behind each time, and the lock to the living', async () => {
    for (let killed = 0; killed < 4; killed++) {
      const writers = [startWriter(base, `a${killed}`, children), startWriter(base, `b${killed}`, children)];
      await Promise.all(writers.map((each) => each.writes()));
      // Killed after a different number of writes each time, and so at another point of the next one.
      for (let more = 0; more < killed * 3; more++) await writers[0]!.writes();
      await Promise.all(writers.map((each) => each.kill()));

      const secrets = fileSecrets(base);
      const pair = await secrets.getTenantSecrets('t1', [clientId, clientSecret]);
      expect(pair[clientId]).toMatch(new RegExp(`^[ab]${killed}-\\d+$`));
      expect(pair[clientSecret]).toBe(pair[clientId]);
      await secrets.setTenantSecret('t1', clientSecret, 'of the living');
      expect(await secrets.getTenantSecret('t1', clientSecret)).toBe('of the living');
    }
  });

  it('never show half of a change to a third one that reads', async () => {
    const writers = [startWriter(base, 'a', children), startWriter(base, 'b', children)];
    await Promise.all(writers.map((each) => each.writes()));
    const secrets = fileSecrets(base);
    const seen = new Set<string | undefined>();
    for (let reading = 0; reading < 100; reading++) {
      const pair = await secrets.getTenantSecrets('t1', [clientId, clientSecret]);
      expect(pair[clientSecret]).toBe(pair[clientId]);
      seen.add(pair[clientId]);
    }
    await Promise.all(writers.map((each) => each.kill()));
    expect(seen.has(undefined)).toBe(false);
    expect(seen.size).toBeGreaterThan(1);
  });
});
