import { describeProblem, definitionOf, problem, type Problem, type ProblemCode } from '#problems/problem';
import { minutes } from '#time/clock';
import {
  endsSoon,
  patienceWithPublisherGrant,
  patienceWithPushes,
  patienceWithReading,
  patienceWithReadingTrouble,
  patienceWithSetup,
  patienceWithSetupTrouble,
} from './deadlines.js';
import type { MailboxFacet } from './mailbox-facet.js';
import type { ProviderStatus, ShownProblem, StatusWord } from './provider-status.js';
import {
  grantSince,
  refusedNewSecret,
  type AppFacet,
  type GrantFacet,
  type TopicFacet,
} from './tenant-facets.js';
import type { Trouble } from './trouble.js';

/** All that is known about a provider. */
export interface Facets {
  mailbox: MailboxFacet;
  grant: GrantFacet | null;
  app: AppFacet | null;
  topic: TopicFacet | null;
  activity: { lastPushAt: string | null; lastSyncAt: string | null; parked: number } | null;
}

export interface Finding {
  problem: Problem;
  since: string;
  retryAt?: string | null;
}

export interface Verdict {
  status: StatusWord;
  finding: Finding | null;
}

/** Gateway and gmail may run on machines with different clocks. */
const clockDifference = minutes(1);
/** So long may somebody be at Google's consent. */
const patienceWithConsent = minutes(10);
/** Every age at which a verdict may change by time alone: whoever adds a patience names it here, or its problems are told late. */
export const statusSpans = [
  patienceWithReadingTrouble,
  patienceWithSetupTrouble,
  patienceWithPublisherGrant,
  patienceWithSetup,
  patienceWithReading,
  patienceWithPushes,
  patienceWithConsent,
];

/**
 * The one place that says how a provider is. `connected` only while the permission works, the watch is alive and the way
 * was proven by a notification, and only while nothing keeps the mailbox from being read. A watch past its end is dead,
 * whatever was recorded last: that is why the present comes in.
 */
export function deriveStatus(known: Facets, now: Date): ProviderStatus {
  const facets = { ...known, grant: grantSince(known.grant, known.mailbox.resetAt) };
  const { mailbox, grant, app, topic, activity } = facets;
  const { status, finding } = verdictOn(facets, now);
  const projectId = topic?.provisioned?.projectId ?? app?.projectId ?? undefined;
  const shown = (one: Finding): ShownProblem => show(stillToCome(one, now), projectId);
  return {
    status,
    problem: finding ? shown(finding) : null,
    notices: noticesOn(facets, now, finding).map(shown),
    paused: mailbox.paused !== null,
    pauseReason: mailbox.paused?.reason ?? null,
    pausedAt: mailbox.paused?.since ?? null,
    // Without an event the host stored the app itself; a permission shows that it did.
    configState: (app?.stored ?? grant?.permission != null) ? 'stored' : 'missing',
    tokenState: grant?.permission ? (grant.refused ? 'refused' : 'valid') : grant?.ended ? 'lost' : 'none',
    account: grant?.permission?.account ?? null,
    authorizationExpiresAt: grant?.permission?.expiresAt ?? null,
    watchExpiresAt: mailbox.watch?.expiresAt ?? null,
    provenAt: provenAt(facets),
    lastPushAt: activity?.lastPushAt ?? null,
    lastSyncAt: activity?.lastSyncAt ?? null,
  };
}

function verdictOn(facets: Facets, now: Date): Verdict {
  const { mailbox, grant, app, topic } = facets;
  const permission = grant?.permission ?? null;
  const error = (finding: Finding): Verdict => ({ status: 'error', finding });
  const connecting =
    grant?.startedAt != null && now.getTime() - Date.parse(grant.startedAt) < patienceWithConsent;

  if (app && !app.stored)
    return withoutApp(grant, {
      problem: problem('google-app.incomplete', { missing: 'everything' }),
      since: app.since,
    });
  if (!permission) {
    if (grant?.ended) return error(grant.ended);
    if (connecting) return { status: 'configuring', finding: null };
    const since = mailbox.disconnected?.since ?? mailbox.addedAt;
    return { status: 'disconnected', finding: { problem: problem('authorization.missing'), since } };
  }
  if (grant?.refused && lasts(grant.refused, now)) return error(grant.refused);
  if (mailbox.disconnected && mailbox.disconnected.since > permission.since) {
    const { since } = mailbox.disconnected;
    return { status: 'disconnected', finding: { problem: problem('authorization.missing'), since } };
  }
  // A paused mailbox is not read: its other troubles can wait, and it must not look as if mail came in.
  if (mailbox.paused) {
    const { reason, since } = mailbox.paused;
    const finding = { problem: problem('mailbox.paused'), since };
    return { status: reason === 'auth_failure' ? 'error' : 'disconnected', finding };
  }

  if (topic?.trouble && mailbox.watch && cutsOff(topic.trouble, facets)) return error(topic.trouble);
  if (!mailbox.watch) return settingUp(mailbox.watchTrouble ?? topic?.trouble ?? null, permission.since, now);
  if (Date.parse(mailbox.watch.expiresAt) <= now.getTime())
    return error(
      mailbox.watchTrouble ?? { problem: problem('mailbox.watch-expired'), since: mailbox.watch.expiresAt },
    );
  if (mailbox.watchTrouble && isOver(mailbox.watchTrouble, now)) return error(mailbox.watchTrouble);
  const ending = endingWatch(mailbox, now);
  if (ending) return error(ending);
  if (mailbox.syncTrouble && lasts(mailbox.syncTrouble, now)) return error(mailbox.syncTrouble);
  // Whoever tells why it cannot read does not stand still.
  const unread = mailbox.syncTrouble ? null : unreadFor(facets, now);
  if (unread) return error(unread);
  if (provenAt(facets) === null) return unproven(facets, now);
  return { status: 'connected', finding: null };
}

/** Whoever was disconnected in order before the app went is not in error. */
export const withoutApp = (grant: GrantFacet | null, finding: Finding): Verdict => ({
  status: grant?.permission || grant?.ended ? 'error' : 'disconnected',
  finding,
});

/** Gmail said that nothing comes through the watch that was given, however long it had been promised for. */
function isOver({ problem: { code }, since }: Trouble, now: Date): boolean {
  if (code === 'gmail.publisher-grant-missing')
    return now.getTime() - Date.parse(since) >= patienceWithPublisherGrant;
  return code === 'gmail.watch-held-elsewhere' || code === 'gmail.topic-not-found';
}

/** A watch is renewed daily: with little left, either that fails or nobody does it. */
function endingWatch({ watch, watchTrouble }: MailboxFacet, now: Date): Finding | null {
  if (!watch || !endsSoon({ from: watch.renewedAt, expiresAt: watch.expiresAt }, now)) return null;
  const { expiresAt, renewedAt } = watch;
  return (
    watchTrouble ?? {
      problem: problem('mailbox.watch-not-renewed', { expiresAt, renewedAt }),
      since: renewedAt,
    }
  );
}

/** On the way to the first watch. */
function settingUp(trouble: Trouble | null, since: string, now: Date): Verdict {
  if (!trouble) {
    const stuck = now.getTime() - Date.parse(since) >= patienceWithSetup;
    return stuck
      ? { status: 'error', finding: { problem: problem('mailbox.not-watched', { since }), since } }
      : { status: 'configuring', finding: null };
  }
  const heals =
    definitionOf(trouble.problem.code).kind === 'transient'
      ? patienceWithSetupTrouble
      : trouble.problem.code === 'gmail.publisher-grant-missing'
        ? patienceWithPublisherGrant
        : 0;
  const age = now.getTime() - Date.parse(trouble.since);
  return { status: age < heals ? 'configuring' : 'error', finding: trouble };
}

function unproven(facets: Facets, now: Date): Verdict {
  const { mailbox, topic } = facets;
  if (mailbox.missed) return { status: 'error', finding: mailbox.missed };
  const [missing] = missingPushes(facets, now);
  if (mailbox.unannounced && missing) {
    const late = now.getTime() - Date.parse(missing.since) >= patienceWithPushes;
    return late
      ? { status: 'error', finding: mailbox.watchTrouble ?? missing }
      : { status: 'configuring', finding: missing };
  }
  const manual = topic?.provisioned?.mode === 'manual';
  const since = mailbox.watch!.startedAt;
  return { status: 'configuring', finding: manual ? { problem: problem('pubsub.not-proven'), since } : null };
}

/** Whoever reads tells each time that the mailbox was read to its end; who stopped tells nothing, so its silence has to. */
function unreadFor({ mailbox, activity }: Facets, now: Date): Finding | null {
  const began = mailbox.watch!.startedAt;
  const read = activity?.lastSyncAt;
  const since = read && read > began ? read : began;
  return now.getTime() - Date.parse(since) < patienceWithReading
    ? null
    : { problem: problem('mailbox.not-read', { since }), since };
}

/** Mail was found that nobody announced, or what Gmail says at once to a renewal has not come: the way that was proven once is broken. */
function missingPushes({ mailbox, topic, activity }: Facets, now: Date): Finding[] {
  const { watch, unannounced } = mailbox;
  const { subscription, endpoint } = topic?.provisioned ?? {};
  const way = subscription && endpoint ? { subscription, endpoint } : {};
  const finding = (since: string): Finding => ({
    problem: problem('mailbox.pushes-missing', { since, ...way }),
    since,
  });
  if (watch && unannounced) return [finding(unannounced.since)];
  if (!watch || !activity || watch.renewedAt === watch.startedAt) return [];
  const renewed = Date.parse(watch.renewedAt);
  const pushed = activity.lastPushAt === null ? 0 : Date.parse(activity.lastPushAt);
  if (now.getTime() - renewed < patienceWithPushes || pushed >= renewed - clockDifference) return [];
  return [finding(watch.renewedAt)];
}

/** These keep the service from looking at the topic; what was arranged there goes on working. */
const onlyUnseen: ProblemCode[] = ['service-account.key-refused', 'service-account.clock-off'];

/** The topic cannot be put right, and nothing has come through since that began. */
const cutsOff = ({ problem: { code }, since }: Trouble, { activity }: Facets): boolean =>
  definitionOf(code).kind !== 'transient' &&
  !onlyUnseen.includes(code) &&
  !(activity?.lastPushAt && activity.lastPushAt > since);

/** A push after the watch began is as good a proof as the recorded first one. */
function provenAt({ mailbox, activity }: Facets): string | null {
  if (mailbox.provenAt) return mailbox.provenAt;
  const pushedAt = activity?.lastPushAt;
  const { watch, unannounced } = mailbox;
  if (!pushedAt || !watch || pushedAt < watch.startedAt) return null;
  return unannounced && pushedAt < unannounced.since ? null : pushedAt;
}

/** What a person has to change counts at once; what heals by itself, only when its patience is over. */
export const lasts = (
  { problem: { code }, since }: Finding,
  now: Date,
  patience = patienceWithReadingTrouble,
): boolean => definitionOf(code).kind !== 'transient' || now.getTime() - Date.parse(since) >= patience;

/** What works, but somebody should know; and what is being tried again before it counts. */
function noticesOn(facets: Facets, now: Date, told: Finding | null): Finding[] {
  const { mailbox, grant, app, topic, activity } = facets;
  const found = [
    ...endingPermission(grant, now),
    ...refusedNewSecret(app, 'gmail'),
    ...missingPushes(facets, now),
  ];
  if (grant?.attemptFailed) found.push(grant.attemptFailed);
  if (activity && activity.parked > 0)
    found.push({
      problem: problem('mailbox.messages-parked', { count: String(activity.parked) }),
      since: activity.lastSyncAt ?? mailbox.watch?.startedAt ?? mailbox.addedAt,
    });
  if (mailbox.gapSince) found.push({ problem: problem('mailbox.gap-searched'), since: mailbox.gapSince });
  if (mailbox.gapLeft) {
    const { at, since } = mailbox.gapLeft;
    found.push({ problem: problem('mailbox.gap-left', { since }), since: at });
  }
  found.push(
    ...[grant?.refused, mailbox.watchTrouble, mailbox.syncTrouble, topic?.trouble].filter(
      (one) => one != null,
    ),
  );
  return found.filter((one) => one !== told && one.problem.code !== told?.problem.code);
}

/** A permission that Google ends by itself has a date that somebody has to know before it comes. */
export function endingPermission(grant: GrantFacet | null, now: Date): Finding[] {
  if (!grant?.permission?.expiresAt) return [];
  const { expiresAt, limitedBy, since } = grant.permission;
  if (Date.parse(expiresAt) <= now.getTime()) return [];
  const code = limitedBy === 'person' ? 'authorization.time-limited' : 'authorization.testing-mode';
  return [{ problem: problem(code, { expiresAt }), since }];
}

/** A next attempt that is past was made; later ones of the same trouble are told only when something changes. */
export const stillToCome = ({ retryAt = null, ...finding }: Finding, now: Date): Finding => ({
  ...finding,
  retryAt: retryAt !== null && Date.parse(retryAt) > now.getTime() ? retryAt : null,
});

export function show(
  { problem: { code, params }, since, retryAt }: Finding,
  projectId: string | undefined,
): ShownProblem {
  const described = describeProblem({ code, params: { ...(projectId ? { projectId } : {}), ...params } });
  return { ...described, link: described.link ?? null, since, nextAttemptAt: retryAt ?? null };
}
