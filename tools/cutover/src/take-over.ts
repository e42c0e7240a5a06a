import { ImportCalendarProvider, ImportMailbox, type Imported } from '#contracts/cutover';
import { GetGoogleAppStatus } from '#contracts/oauth';
import type { Ask } from '#messaging/ask';
import { beginning, type Origin, type Reply } from '#messaging/envelope';
import { definitionOf, describeProblem } from '#problems/problem';
import { CutoverError } from './cutover-error.js';
import type { Legacy, LegacyProvider, Unusable } from './legacy-provider.js';
import { namesOf } from './read-json.js';

export interface Taken {
  kind: LegacyProvider['kind'];
  id: string;
  name: string;
  /** Of the mailbox, or of the calendars' account. */
  address: string;
  /** What somebody should know about it. */
  notes: string[];
}

export interface TenantReport {
  tenantId: string;
  created: Taken[];
  existing: (Taken & { differences: Imported['differences'] })[];
  skipped: Omit<Unusable, 'tenantId'>[];
  /** What of the Google app is missing; null when that could not be asked. */
  missing: { gmail: string[]; calendar: string[] } | null;
}

/**
 * Takes everything over, one provider after the other; a second run finds what the first one made. @throws CutoverError when a service does not
 * answer
 */
export async function takeOver(
  ask: Ask,
  { providers, unusable, source }: Legacy,
  { dryRun }: { dryRun: boolean },
): Promise<TenantReport[]> {
  const reports = new Map<string, TenantReport>();
  const taken = new Set<string>();
  for (const tenantId of tenantsOf(providers, unusable))
    reports.set(tenantId, { tenantId, created: [], existing: [], skipped: [], missing: null });
  for (const { tenantId, ...one } of unusable) reports.get(tenantId)!.skipped.push(one);

  for (const provider of providers) {
    const report = reports.get(provider.tenantId)!;
    const { kind, id } = provider;
    const names = namesOf(provider);
    if (names.some(([, key]) => taken.has(key))) {
      const remedy = 'Keep one of the two in the host, or add the other here by hand under another address.';
      report.skipped.push({
        kind,
        id,
        reason: 'another provider of the tenant has the same mailbox',
        remedy,
      });
      continue;
    }
    for (const [, key] of names) taken.add(key);
    const origin = beginning(provider.tenantId, 'cutover');
    const reply = await imported(ask, provider, { importedFrom: source, dryRun }, origin);
    if (!reply.ok) {
      const { sentence, remedy } = describeProblem(reply.problem);
      if (definitionOf(reply.problem.code).kind === 'transient')
        throw new CutoverError(
          'trouble',
          `${sentence} ${remedy} What was taken over stays; run the same command again to go on.`,
        );
      report.skipped.push({ kind, id, reason: sentence, remedy });
      continue;
    }
    const { outcome, differences } = reply.value;
    const one = told(provider);
    if (outcome === 'created') report.created.push(one);
    else if (outcome === 'exists') report.existing.push({ ...one, differences });
    else
      report.skipped.push({
        kind,
        id,
        reason: removedHere,
        remedy: 'Nothing: whoever removed it wanted it so. To have it again, add it anew.',
      });
  }
  for (const report of reports.values()) report.missing = await missingFor(ask, report.tenantId);
  return [...reports.values()];
}

export const removedHere = 'it was taken over before and removed here since';

const tenantsOf = (providers: LegacyProvider[], unusable: Unusable[]): string[] =>
  [...new Set([...providers, ...unusable].map(({ tenantId }) => tenantId))].toSorted();

function imported(
  ask: Ask,
  provider: LegacyProvider,
  how: { importedFrom: string; dryRun: boolean },
  origin: Origin,
): Promise<Reply<Imported>> {
  const { id: providerId, name } = provider;
  const paused = pauseOf(provider);
  if (provider.kind === 'calendar') {
    const { userId, account, syncDirection, calendarId } = provider;
    const data = { providerId, name, paused, userId, account, syncDirection, calendarId, ...how };
    return ask(ImportCalendarProvider, data, origin);
  }
  const { mailbox: address, labels, inboundTicketDefaultsId, autoProcessEmails } = provider;
  const filter = { labels, include: [] };
  const defaults = { inboundTicketDefaultsId, autoProcessEmails };
  return ask(ImportMailbox, { providerId, name, paused, address, filter, defaults, ...how }, origin);
}

/** Whoever switched it off in the host did not ask for mail. A pause that a dead permission brought ends with it. */
function pauseOf(provider: LegacyProvider): 'manual' | 'tenant_cancelled' | null {
  const reason = provider.kind === 'gmail' ? provider.pauseReason : null;
  if (reason === 'manual' || reason === 'tenant_cancelled') return reason;
  return provider.active ? null : 'manual';
}

function told(provider: LegacyProvider): Taken {
  const { kind, id, name } = provider;
  const paused = pauseOf(provider);
  const notes = [
    paused === 'tenant_cancelled' && 'the tenant is suspended in the host: paused here until resumed',
    paused === 'manual' && 'switched off or paused in the host: paused here until resumed',
    kind === 'gmail' &&
      provider.labels.length > 0 &&
      `the label filter is kept unchecked (${provider.labels.join(', ')}): a label that Gmail does not have is named when it is connected`,
    kind === 'calendar' &&
      provider.calendarId !== null &&
      `the calendar ${provider.calendarId} is chosen as soon as it is connected`,
  ].filter((note) => note !== false);
  return { kind, id, name, address: kind === 'gmail' ? provider.mailbox : provider.account, notes };
}

async function missingFor(ask: Ask, tenantId: string): Promise<TenantReport['missing']> {
  const status = await ask(GetGoogleAppStatus, {}, beginning(tenantId, 'cutover'));
  if (!status.ok) return null;
  const { gmail, calendar } = status.value;
  return { gmail: gmail.missing, calendar: calendar.missing };
}
