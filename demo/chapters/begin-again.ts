import { mailboxesOf, type Cast } from '../cast.js';
import { simpleMail } from '../mailbox.js';
import { check, type Report } from '../report.js';

export async function beginAgain(cast: Cast, report: Report): Promise<void> {
  const { stage, harbor } = cast;
  const mailboxes = mailboxesOf(cast).filter((mailbox) => mailbox !== cast.billing);
  const histories: number[] = [];

  await report.step('All services, PostgreSQL and NATS are ended', async () => {
    for (const mailbox of mailboxes) histories.push((await mailbox.history()).length);
    await stage.close();
    return 'nothing runs any more';
  });

  await report.step('They are started again on the same folder', async () => {
    await stage.open();
    const { badge } = await harbor.ask<{ badge: string }>('GET', '/api/google/config');
    check(badge === 'ready', 'the Google app is still there', badge);
    for (const [index, mailbox] of mailboxes.entries()) {
      await mailbox.becomesConnected();
      const told = (await mailbox.history()).length;
      check(told >= histories[index]!, 'the history is whole', { told, before: histories[index] });
    }
    return 'the Google apps, the connections and their histories are as they were';
  });

  await report.step('Mail comes in as before', async () => {
    for (const mailbox of mailboxes) {
      const id = await mailbox.gets(simpleMail('After the second start'));
      await mailbox.received([id]);
    }
    return 'nobody had to connect again';
  });
}
