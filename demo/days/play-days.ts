import { join } from 'node:path';
import { countCalendar } from '../chapters/count-changes.js';
import { countMail } from '../chapters/lose-no-mail.js';
import { check, type Report } from '../report.js';
import { Stage } from '../stage.js';
import { connectEverybody, DaysCast } from './cast.js';
import { faultKinds, kindOf } from './fault-kinds.js';
import type { Observations } from './observations.js';
import { planOf, type Plan } from './plan.js';
import { Days } from './run-days.js';
import { OwnServers } from './servers.js';
import { tableOf } from './table.js';
import { momentOf, verdictOn } from './verdict.js';

/** Days of traffic and faults, by a plan that follows from the seed, and what came of it. */
export async function playDays(
  { dataDir, seed, days }: { dataDir: string; seed: number; days: number },
  report: Report,
  say: { account: (line: string) => void; news: (sentence: string) => void },
): Promise<void> {
  const plan = planOf(seed, days);
  const servers = await OwnServers.start(join(dataDir, 'servers'), say.news);
  const stage = new Stage(dataDir, say.news, { ...servers.urls, keepsWords: false, logLevel: 'info' });
  try {
    await stage.open();
    const cast = new DaysCast(stage);
    await report.chapter('Three tenants are connected', () => connectEverybody(cast, report));
    if (!report.allHeld) return;
    const played = await Days.begin(stage, servers, cast, plan);
    await report.chapter(`${days} days pass, with the plan of seed ${seed}`, () =>
      played.pass(report).finally(() => played.close()),
    );
    await report.chapter('Planned against seen', () => judge(plan, played.seen, report));
    say.account(`\n${tableOf(verdictOn(plan, played.seen).rows)}`);
    await report.chapter('Every mail and every change came exactly once', async () => {
      for (const mailbox of cast.mailboxes.values()) await countMail(mailbox, report);
      for (const calendar of cast.calendars.values()) await countCalendar(calendar, report);
      await report.step('Counting everything', () => Promise.resolve(countAll(cast, stage)));
    });
  } finally {
    await stage.close();
    await servers.stop();
  }
}

async function judge(plan: Plan, seen: Observations, report: Report): Promise<void> {
  const { rows, unexplained, lapsed } = verdictOn(plan, seen);
  /** Each stands for itself: one that does not hold ends no other. */
  const holds = (claim: string, wrong: string[], account: string): Promise<void> =>
    report
      .step(claim, () => {
        check(wrong.length === 0, claim, wrong);
        return Promise.resolve(account);
      })
      .catch(() => {});
  for (const { fault, expected, wrong } of rows)
    await holds(
      `${momentOf(fault.at)}: ${kindOf(fault.kind).title} (${fault.whom})`,
      wrong,
      `${expected}, in time; its end too`,
    );
  const shown = `${seen.sightings.length} problems and notices were shown, each by a planned fault`;
  await holds('No trouble was shown without a cause', unexplained, shown);
  await holds('No watch or channel ended that we were allowed to renew', lapsed, 'none did');
  const left = Object.keys(faultKinds).length - rows.length;
  const account =
    left === 0 ? 'every kind of fault' : `${rows.length} kinds of fault; for ${left} the days are too few`;
  const unplayed = rows.filter(({ fault }) => !seen.played.has(fault)).map(({ fault }) => fault.kind);
  await holds('The plan was played', unplayed, account);
}

function countAll({ mailboxes, calendars }: DaysCast, { psa }: Stage): string {
  const made = [...calendars.values()].reduce((sum, { changesMade }) => sum + changesMade, 0);
  const known = [...mailboxes.values()].reduce(
    (sum, { providerId }) => sum + psa.idsOf(providerId).length,
    0,
  );
  check(psa.emails.size === known, 'no mail came for anybody else', [psa.emails.size, known]);
  check(psa.calendarChanges.size === made, 'no change came for anybody else', [
    psa.calendarChanges.size,
    made,
  ]);
  return `${known} mails and ${made} changes, none lost, none twice; ${psa.repeated} repeated under the same id`;
}
