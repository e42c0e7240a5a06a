import type { DataSource } from 'typeorm';
import type { GaugeSource } from '#operating/operator-board';
import { hours, type Clock } from '#time/clock';

export interface ProviderGaugesMeans {
  database: DataSource;
  clock: Clock;
}

const left: { word: string; below: number }[] = [
  { word: 'ended', below: 0 },
  { word: 'under 12 h', below: hours(12) },
  { word: 'under 48 h', below: hours(48) },
  { word: '48 h or more', below: Infinity },
];

/** How all providers are, as they were last looked at; each is looked at whenever that changes. */
export const providerGauges = (means: ProviderGaugesMeans): GaugeSource[] => [
  {
    name: 'providers',
    help: 'Providers by the status that they show',
    labels: ['product', 'status'],
    read: () => providersByStatus(means),
  },
  {
    name: 'problems',
    help: 'Problems that the host was told of and that are not over',
    labels: ['code', 'severity'],
    read: () => openProblems(means),
  },
  {
    name: 'watches',
    help: 'Providers by the time that is left of the watch or channel that ends first',
    labels: ['product', 'left'],
    read: async () =>
      (await ends(means)).flatMap(({ product, counts }) =>
        left.map(({ word }, index) => ({ labels: { product, left: word }, value: counts[index]! })),
      ),
  },
  {
    name: 'watch_least_hours_left',
    help: 'Hours that are left of the watch or channel that ends first; below 0 once it has ended',
    labels: ['product'],
    read: async () =>
      (await ends(means)).map(({ product, hoursLeft }) => ({ labels: { product }, value: hoursLeft })),
  },
];

async function providersByStatus({ database }: ProviderGaugesMeans): ReturnType<GaugeSource['read']> {
  const rows: { product: string; status: string; count: number }[] = await database.query(
    `SELECT product, status, count(looks.status)::int AS count
       FROM unnest(ARRAY['gmail', 'calendar']) AS product
      CROSS JOIN unnest(ARRAY['disconnected', 'configuring', 'connected', 'error']) AS status
       LEFT JOIN provider_looks AS looks USING (product, status) GROUP BY product, status`,
  );
  return rows.map(({ count, ...labels }) => ({ labels, value: count }));
}

async function openProblems({ database }: ProviderGaugesMeans): ReturnType<GaugeSource['read']> {
  const rows: { code: string; severity: string; count: number }[] = await database.query(
    'SELECT code, severity, count(*)::int AS count FROM told_problems WHERE cleared_at IS NULL GROUP BY code, severity',
  );
  return rows.map(({ count, ...labels }) => ({ labels, value: count }));
}

async function ends({
  database,
  clock,
}: ProviderGaugesMeans): Promise<{ product: string; hoursLeft: number; counts: number[] }[]> {
  const now = clock.now();
  const bounds = left.slice(0, -1).map(({ below }) => new Date(now.getTime() + below));
  const rows: { product: string; first: Date; counts: string[] }[] = await database.query(
    `SELECT product, min(ends_at) AS first,
            ARRAY[count(*) FILTER (WHERE ends_at < $1), count(*) FILTER (WHERE ends_at >= $1 AND ends_at < $2),
                  count(*) FILTER (WHERE ends_at >= $2 AND ends_at < $3), count(*) FILTER (WHERE ends_at >= $3)] AS counts
       FROM provider_looks WHERE ends_at IS NOT NULL GROUP BY product`,
    bounds,
  );
  return rows.map(({ product, first, counts }) => ({
    product,
    hoursLeft: (first.getTime() - now.getTime()) / hours(1),
    counts: counts.map(Number),
  }));
}
