import { minutes } from '#time/clock';
import { mailboxesOf, type Cast } from '../cast.js';
import { simpleMail, type Mailbox } from '../mailbox.js';
import type { Report } from '../report.js';
import { SecondProcess } from '../second-process.js';

const manyMails = async (mailbox: Mailbox, howMany: number, about: string): Promise<string[]> => {
  const ids = [];
  for (let n = 1; n <= howMany; n += 1) ids.push(await mailbox.gets(simpleMail(`${about} ${n}`)));
  return ids;
};

export async function crashInTheMiddle(cast: Cast, report: Report): Promise<void> {
  const { stage, helpdesk, support, alerts } = cast;
  const { embedded, psa } = stage;

  await report.step('The gmail service is restarted while mail comes in', async () => {
    const [mine, theirs] = await Promise.all([
      manyMails(helpdesk, 10, 'During a restart'),
      manyMails(support, 10, 'During a restart'),
      embedded.restart('gmail'),
    ]);
    await helpdesk.received(mine);
    await support.received(theirs);
    return `${mine.length + theirs.length} mails came`;
  });

  await report.step(
    'The gmail service runs as its own process, which is killed (SIGKILL) in the middle',
    async () => {
      const second = await SecondProcess.start(stage);
      await embedded.stop('gmail');
      const already = psa.emails.size;
      const sending = manyMails(alerts, 15, 'During a crash');
      await psa.changes.until(
        'the first mails came through the other process',
        () => psa.emails.size >= already + 3,
        () => `${psa.emails.size - already} came`,
      );
      await second.kill();
      const before = psa.emails.size - already;
      const ids = await sending;
      await embedded.restart('gmail');
      await stage.pass(minutes(11));
      await alerts.received(ids);
      return `${before} came before, ${ids.length - before} after it`;
    },
  );

  await report.step('The gateway is away while Google pushes', async () => {
    await embedded.stop('gateway');
    const ids = await manyMails(helpdesk, 3, 'While nobody answers');
    await embedded.restart('gateway');
    await stage.pass(minutes(1));
    await helpdesk.received(ids);
    return 'Google pushes again; all came';
  });

  await report.step('Every service is restarted, one after the other, while mail comes in', async () => {
    const sent = await Promise.all([
      Promise.all(
        mailboxesOf(cast)
          .filter((mailbox) => mailbox !== cast.billing)
          .map((mailbox) => manyMails(mailbox, 4, 'During restarts')),
      ),
      (async () => {
        for (const name of ['oauth', 'maintenance', 'gmail', 'gateway'] as const)
          await embedded.restart(name);
      })(),
    ]);
    await stage.pass(minutes(11));
    const ids = sent[0];
    for (const [index, mailbox] of [helpdesk, support, alerts].entries()) await mailbox.received(ids[index]!);
    return `${ids.flat().length} mails came`;
  });
}
