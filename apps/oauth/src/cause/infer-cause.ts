import { problem, type Problem, type ProblemCode } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import { sameAccount, sameProject } from '../grant/grant.decider.js';
import type { Witness } from './witness.js';

const clockDifferenceMs = minutes(1);
/** Google says six months. A few days less, for months of different lengths. */
const unusedForMs = days(180);
const livePermissions = 100;
/** Each permission is looked at within this time: what ends together is seen to end within it. */
export const togetherWithinMs = hours(1);

/** What Google's plain "expired or revoked" was put down to, and what later evidence may put it down to instead. */
const open: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'authorization.revoked',
  'authorization.password-changed',
  'authorization.client-wide',
]);

export const isOpen = ({ code }: Problem): boolean => open.has(code);

/**
 * Google mostly says only that a permission ended. Why is inferred, in this order: what is certain of the permission alone, then what
 * its account's and its client's other permissions show. Whatever Google itself says goes before all of it.
 */
export function inferCause(
  ended: Witness,
  endedAt: Date,
  found: Problem,
  others: readonly Witness[],
): Problem {
  if (found.code !== 'authorization.revoked') return found;
  const { grant } = ended;
  const named = (code: ProblemCode): Problem => problem(code, { projectId: grant.projectId });
  if (announcedEndIsOver(ended, endedAt))
    return named(
      grant.limitedBy === 'person' ? 'authorization.time-limit-reached' : 'authorization.testing-expired',
    );
  if (ended.provenAt && endedAt.getTime() - ended.provenAt.getTime() >= unusedForMs)
    return named('authorization.unused');
  if (wasPushedOut(ended, others)) return named('authorization.token-limit');
  const calendars = livingCalendars(ended, endedAt, others);
  // The client works, and so does the account: only the permission to read mail ended.
  if (calendars.some(({ grant: { clientId } }) => clientId === grant.clientId))
    return named('authorization.password-changed');
  if (endedWithItsClient(ended, endedAt, others)) return named('authorization.client-wide');
  return calendars.length > 0 ? named('authorization.password-changed') : found;
}

const announcedEndIsOver = ({ grant: { expiresAt } }: Witness, now: Date): boolean =>
  expiresAt !== null && now.getTime() >= Date.parse(expiresAt) - clockDifferenceMs;

const ofSameAccount = (one: Witness, other: Witness): boolean =>
  sameAccount(one.grant.account, other.grant.account);
const ofSameClient = (one: Witness, other: Witness): boolean => one.grant.clientId === other.grant.clientId;

/** A hundred newer permissions of the same account and client, of which at least one lives: nothing happened to account or client. */
function wasPushedOut(ended: Witness, others: readonly Witness[]): boolean {
  const siblings = others.filter((other) => ofSameAccount(other, ended) && ofSameClient(other, ended));
  if (!siblings.some(({ lost }) => lost === null)) return false;
  const newer = others
    .flatMap(({ consents }) => consents)
    .filter(
      ({ account, clientId, at }) =>
        clientId === ended.grant.clientId && sameAccount(account, ended.grant.account) && at > ended.since,
    );
  return newer.length >= livePermissions;
}

/**
 * Calendar permissions of the same account and project that a removal or revocation would have ended too. Only those that were there
 * while the other still worked, and were seen to work after it had ended, say anything.
 */
function livingCalendars(ended: Witness, endedAt: Date, others: readonly Witness[]): Witness[] {
  if (ended.grant.product !== 'gmail') return [];
  const lastSeen = ended.provenAt ?? ended.since;
  return others.filter(
    (other) =>
      other.grant.product === 'calendar' &&
      ofSameAccount(other, ended) &&
      sameProject(other.grant, ended.grant) &&
      other.lost === null &&
      other.since <= lastSeen &&
      other.provenAt !== null &&
      other.provenAt >= endedAt,
  );
}

/** Several accounts at once, at least half of the client's permissions, and none seen to work since the first of them ended. */
function endedWithItsClient(ended: Witness, endedAt: Date, others: readonly Witness[]): boolean {
  const ofClient = others.filter((other) => ofSameClient(other, ended));
  const together = ofClient.filter(
    ({ lost }) =>
      lost !== null &&
      isOpen(lost.problem) &&
      Math.abs(lost.at.getTime() - endedAt.getTime()) <= togetherWithinMs,
  );
  if (together.every((other) => ofSameAccount(other, ended))) return false;
  const firstAt = new Date(Math.min(endedAt.getTime(), ...together.map(({ lost }) => lost!.at.getTime())));
  // One that was given afterwards says nothing of those before.
  const living = ofClient.filter(({ lost, since }) => lost === null && since <= firstAt);
  if (living.some(({ provenAt }) => provenAt !== null && provenAt > firstAt)) return false;
  return together.length + 1 >= living.length;
}
