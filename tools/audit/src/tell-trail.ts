import pg from 'pg';
import { trailFilter, type TrailEntry } from '#contracts/audit-trail';
import { trailOf } from '../../../apps/oauth/src/audit-trail/list-trail.js';
import { CommandError } from '../../operator/src/whereabouts.js';

export interface TrailWish {
  tenant?: string | undefined;
  provider?: string | undefined;
  kind?: string | undefined;
  limit?: string | undefined;
  before?: string | undefined;
}

/** The latest page of the audit trail, as it stands in the database. @throws CommandError */
export async function trail(
  databaseUrl: string,
  { tenant, provider, kind, limit = '100', before }: TrailWish,
): ReturnType<typeof trailOf> {
  if (tenant === undefined) throw new CommandError('Whose? Give --tenant T.');
  const wanted = trailFilter.safeParse({ kind, providerId: provider });
  if (!wanted.success)
    throw new CommandError(`--kind is one of ${trailFilter.shape.kind.unwrap().options.join(', ')}.`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const page = {
      limit: numberIn('--limit', limit),
      ...(before && { before: numberIn('--before', before) }),
    };
    const query = async (sql: string, values: unknown[]) => (await client.query(sql, values)).rows;
    return await trailOf(query, tenant, { ...wanted.data, ...page });
  } finally {
    await client.end();
  }
}

function numberIn(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CommandError(`${option} has to be a whole number.`);
  return Number(text);
}

export function trailLine({ at, kind, providerId, service, by, correlationId, detail }: TrailEntry): string {
  const about = Object.entries(detail).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
  const who = `${service ?? 'an unknown service'} by ${by}`;
  return `${at}  ${kind.padEnd(19)}  ${providerId ?? '-'}  ${who}: ${about.join('; ')}  (correlation ${correlationId ?? '-'})`;
}
