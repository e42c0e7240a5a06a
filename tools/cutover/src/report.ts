import type { Taken, TenantReport } from './take-over.js';

const settingsPath = '/msp/settings?tab=integrations&category=providers';

export interface Report {
  dryRun: boolean;
  source: string;
  tenants: (TenantReport & { next: string[] })[];
  /** For the host's operator; empty unless its own tables were read. */
  hostSql: string[];
}

/** What the tenant has to do before anything comes in, in this order. */
export function nextSteps({ created, existing, missing }: TenantReport, baseUrl: string | null): string[] {
  const all = [...created, ...existing];
  if (all.length === 0) return [];
  const lacking = (['gmail', 'calendar'] as const)
    .filter((kind) => all.some((one) => one.kind === kind))
    .flatMap((kind) => missing?.[kind] ?? []);
  const page = `${baseUrl ?? '<the PSA>'}${settingsPath}`;
  const store =
    missing === null
      ? [`Check that the Google app is stored, at ${page}`]
      : lacking.length > 0
        ? [`Store the Google app (missing: ${[...new Set(lacking)].join(', ')}), at ${page}`]
        : [];
  const connect = (kind: Taken['kind'], what: string): string[] => {
    const addresses = all.filter((one) => one.kind === kind).map(({ address }) => address);
    return addresses.length > 0 ? [`Connect ${what}, unless done since: ${addresses.join(', ')}`] : [];
  };
  return [
    ...store,
    ...connect('gmail', 'each mailbox, signed in at Google as the mailbox itself'),
    ...connect('calendar', 'the calendars, each by its own user'),
  ];
}

/** For people. */
export function inWords({ dryRun, source, tenants, hostSql }: Report): string[] {
  const would = dryRun ? ' (dry run: nothing was written)' : '';
  const lines = [`Taken over from ${source}${would}`];
  if (tenants.length === 0) lines.push('There is no Google provider.');
  for (const { tenantId, created, existing, skipped, next } of tenants) {
    lines.push('', `Tenant ${tenantId}`);
    for (const one of created)
      lines.push(`  ${dryRun ? 'to create' : 'created'}  ${described(one)}`, ...notes(one));
    for (const one of existing) {
      lines.push(`  unchanged  ${described(one)}: is here already`);
      for (const { field, here, there } of one.differences)
        lines.push(`             ${field} is ${here} here and ${there} there; what is here stays`);
    }
    for (const { id, reason, remedy } of skipped)
      lines.push(`  skipped  ${id}: ${reason}.`, `           ${remedy}`);
    next.forEach((step, index) => lines.push(`  next ${index + 1}.  ${step}`));
  }
  const count = (pick: (tenant: TenantReport) => unknown[]): number =>
    tenants.reduce((sum, tenant) => sum + pick(tenant).length, 0);
  lines.push(
    '',
    `${count(({ created }) => created)} ${dryRun ? 'to create' : 'created'}, ${count(({ existing }) => existing)} here already, ${count(({ skipped }) => skipped)} skipped. No token was read.`,
  );
  if (hostSql.length > 0)
    lines.push('', 'In the host, so that its pages do not show what is over as connected:', '', ...hostSql);
  return lines;
}

const described = ({ kind, id, name, address }: Taken): string =>
  `${kind === 'gmail' ? 'mailbox' : 'calendars of'} ${address} "${name}" (${id})`;

const notes = ({ notes }: Taken): string[] => notes.map((note) => `           ${note}`);
