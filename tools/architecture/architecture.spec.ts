import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = process.cwd();
const rules = createRequire(import.meta.url)('./rules.cjs') as { name: string }[];

async function violationsBelow(folder: string): Promise<Set<string>> {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [
    cli,
    '--config',
    join(root, 'tools/architecture/planted.cjs'),
    '--output-type',
    'json',
    'apps',
    'libs',
    'tools',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(root, folder),
    maxBuffer: 1 << 26,
  }).catch((error: { stdout: string }) => error);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return new Set(summary.violations.map(({ rule }) => rule.name));
}

describe('the architecture rules', () => {
  let found: Set<string>;
  beforeAll(async () => {
    found = await violationsBelow('tools/architecture/planted');
  });

  it.each(rules.map(({ name }) => name))('see the violation planted for %s', (name) => {
    expect(found).toContain(name);
  });
});

it('reads the same import paths as Node does', () => {
  const read = createRequire(join(root, 'package.json'));
  const { imports } = read('./package.json') as { imports: Record<string, string> };
  const { compilerOptions } = read('./tsconfig.depcruise.json') as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  const sources = Object.entries(imports).map(([name, built]) => [
    name,
    [built.replace('./dist/', './').replace(/[.]js$/, '.ts')],
  ]);
  expect(compilerOptions.paths).toEqual(Object.fromEntries(sources));
});
