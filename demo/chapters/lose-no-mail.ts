import { mailboxesOf, type Cast } from '../cast.js';
import type { Mailbox } from '../mailbox.js';
import { check, type Report } from '../report.js';

export async function loseNoMail(cast: Cast, report: Report): Promise<void> {
  const { psa } = cast.stage;
  for (const mailbox of mailboxesOf(cast)) await countMail(mailbox, report);
  await report.step('Counting repetitions', () =>
    Promise.resolve(`${psa.emails.size} delivered exactly once, ${psa.repeated} repeated under the same id`),
  );
}

/** What came for a mailbox, against Google's own list of what arrived in it. */
export function countMail(mailbox: Mailbox, report: Report): Promise<void> {
  const { psa } = mailbox.tenant.stage;
  return report.step(`Counting ${mailbox.address}`, async () => {
    const expected = await mailbox.expected();
    await mailbox.received(expected);
    const came = psa.idsOf(mailbox.providerId);
    const surplus = came.filter((id) => !expected.includes(id));
    check(surplus.length === 0, 'nothing else came', surplus);
    check(new Set(came).size === came.length, 'each mail has one delivery id', came.length);
    return `${expected.length} sent, ${came.length} delivered, ${mailbox.notForThePsa.size} rightly left out`;
  });
}
