import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openAsking } from '#messaging/ask';
import { natsServers } from '#messaging/nats-servers';
import { CutoverError } from './cutover-error.js';
import { hostSql } from './host-sql.js';
import type { Legacy } from './legacy-provider.js';
import { readHost, type Accounts } from './read-host.js';
import { readJsonList } from './read-json.js';
import { inWords, nextSteps, type Report } from './report.js';
import { removedHere, takeOver } from './take-over.js';
import { usage } from './usage.js';

export interface Surroundings {
  /** Where the services run; asked for only when they are needed. */
  whereabouts(): Promise<{ natsUrl: string; baseUrl: string | null }>;
  env: Record<string, string | undefined>;
  say(line: string): void;
  complain(line: string): void;
}

const exit = { done: 0, trouble: 1, refused: 2, skipped: 3 } as const;

/** Answers the exit code. */
export async function runCutover(args: string[], surroundings: Surroundings): Promise<number> {
  try {
    return await run(args, surroundings);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    surroundings.complain(error.message);
    return error instanceof CutoverError && error.kind !== 'trouble' ? exit.refused : exit.trouble;
  }
}

async function run(args: string[], { whereabouts, env, say }: Surroundings): Promise<number> {
  const wish = wishIn(args);
  if (wish.help) {
    say(usage);
    return exit.done;
  }
  const legacy = await legacyOf(wish, env);
  const { natsUrl, baseUrl } = await whereabouts();
  const asking = await openAsking(natsUrl, 'cutover').catch(() => {
    throw new CutoverError(
      'trouble',
      `NATS does not answer at ${natsServers(natsUrl).servers.join(', ')}. Nothing was written.`,
    );
  });
  try {
    const dryRun = wish['dry-run'];
    const tenants = await takeOver(asking.ask, legacy, { dryRun });
    const report: Report = {
      dryRun,
      source: legacy.source,
      tenants: tenants.map((tenant) => ({ ...tenant, next: nextSteps(tenant, baseUrl) })),
      hostSql: wish['from-host'] === undefined ? [] : hostSql(tenants),
    };
    if (wish.json) say(JSON.stringify(report, null, 2));
    else inWords(report).forEach(say);
    const open = tenants.some(({ skipped }) => skipped.some(({ reason }) => reason !== removedHere));
    return open ? exit.skipped : exit.done;
  } finally {
    await asking.close();
  }
}

function wishIn(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'from-json': { type: 'string' },
        'from-host': { type: 'string' },
        accounts: { type: 'string' },
        tenant: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new CutoverError('usage', `${(error as Error).message}\n\n${usage}`);
  }
}

type Wish = ReturnType<typeof wishIn>;

async function legacyOf(wish: Wish, env: Surroundings['env']): Promise<Legacy> {
  const { 'from-json': file, 'from-host': host, tenant } = wish;
  if ((file === undefined) === (host === undefined))
    throw new CutoverError('usage', `Give one of --from-json and --from-host.\n\n${usage}`);
  if (file !== undefined) {
    if (wish.accounts !== undefined)
      throw new CutoverError('usage', '--accounts goes with --from-host: a list names the accounts itself.');
    const list = await readJsonList(file);
    const isWanted = ({ tenantId }: { tenantId: string }): boolean =>
      tenant === undefined || tenantId === tenant;
    return { ...list, providers: list.providers.filter(isWanted) };
  }
  const url = host === '-' ? env['HOST_DATABASE_URL'] : host;
  if (!url || !/^postgres(ql)?:\/\//.test(url))
    throw new CutoverError(
      'usage',
      '--from-host takes a URL such as postgresql://reader@host/psa, or "-" with HOST_DATABASE_URL set.',
    );
  return readHost(url, await accountsIn(wish.accounts), tenant);
}

async function accountsIn(file: string | undefined): Promise<Accounts> {
  if (file === undefined) return {};
  const shape = z.record(z.string(), z.email());
  const parsed = shape.safeParse(
    await readFile(file, 'utf8')
      .then((text): unknown => JSON.parse(text))
      .catch(() => null),
  );
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.')).filter(Boolean);
  const where = fields.length > 0 ? ` Look at ${fields.join(', ')}.` : '';
  throw new CutoverError(
    'list',
    `${file} has to be an object of addresses by provider or user: { "<id>": "tina@acme.example" }.${where}`,
  );
}
