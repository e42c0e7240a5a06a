import { days } from '#time/clock';

/** A line of the due list, as far as it matters for whose turn it is. */
export interface Waiting {
  tenantId: string;
  /** The Google project in whose quota it counts; null when it is not known. */
  projectId: string | null;
  dueAt: Date;
  /** When what it protects is lost, such as a watch; null when nothing is. */
  deadline: Date | null;
}

export interface Limits {
  altogether: number;
  ofTenant: number;
  ofProject: number;
}

/** How often each tenant had its turn. A tenant that comes later begins with the round that the others are in. */
export interface Turns {
  round: number;
  /** The round of a tenant's last turn; those of former rounds are left out. */
  last: Map<string, number>;
}

export const noTurns = (): Turns => ({ round: 0, last: new Map() });

/** Without a deadline of its own, work may wait about as long as Google remembers what was missed. */
const rememberedFor = days(6);

/** The sooner, the more urgent. */
export const urgency = ({ dueAt, deadline }: Waiting): number =>
  deadline?.getTime() ?? dueAt.getTime() + rememberedFor;

/**
 * Pure: what is sent next, if the limits allow anything. No tenant has another turn while one that waits has had fewer; within a
 * round, and among what one tenant has waiting, the most urgent goes first.
 */
export function nextToSend<Row extends Waiting>(
  waiting: Iterable<Row>,
  inFlight: Iterable<Waiting>,
  turns: Turns,
  limits: Limits,
): Row | undefined {
  const ofTenant = new Map<string, number>();
  const ofProject = new Map<string, number>();
  let altogether = 0;
  for (const { tenantId, projectId } of inFlight) {
    altogether++;
    count(ofTenant, tenantId);
    if (projectId !== null) count(ofProject, projectId);
  }
  if (altogether >= limits.altogether) return undefined;
  let best: { row: Row; round: number; urgency: number } | undefined;
  for (const row of waiting) {
    if ((ofTenant.get(row.tenantId) ?? 0) >= limits.ofTenant) continue;
    if (row.projectId !== null && (ofProject.get(row.projectId) ?? 0) >= limits.ofProject) continue;
    const candidate = { row, round: roundOf(row, turns), urgency: urgency(row) };
    if (!best || isBefore(candidate, best)) best = candidate;
  }
  return best?.row;
}

/** Notes the turn of what is sent. */
export function takeTurn(turns: Turns, row: Waiting): void {
  const round = roundOf(row, turns);
  if (round > turns.round) {
    turns.round = round;
    for (const [tenantId, last] of turns.last) if (last < round) turns.last.delete(tenantId);
  }
  turns.last.set(row.tenantId, round);
}

const roundOf = ({ tenantId }: Waiting, { round, last }: Turns): number =>
  Math.max(round, (last.get(tenantId) ?? -1) + 1);

const isBefore = (a: { round: number; urgency: number }, b: { round: number; urgency: number }): boolean =>
  a.round === b.round ? a.urgency < b.urgency : a.round < b.round;

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
