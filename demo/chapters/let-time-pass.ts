import { days, hours } from '#time/clock';
import { mailboxesOf, type Cast } from '../cast.js';
import { simpleMail } from '../mailbox.js';
import { check, type Report } from '../report.js';
import { askedUntil } from '../waiting.js';

export async function letTimePass(cast: Cast, report: Report): Promise<void> {
  const { stage, nordlicht, helpdesk, support, alerts } = cast;
  const { google } = stage;

  await report.step('A day passes', async () => {
    const mailboxes = mailboxesOf(cast);
    const before = await Promise.all(mailboxes.map((mailbox) => mailbox.status()));
    await stage.pass(days(1));
    for (const [index, mailbox] of mailboxes.entries()) {
      const ended = Date.parse(before[index]!.watchExpiresAt!);
      await mailbox.becomes(
        'has its watch renewed',
        ({ watchExpiresAt }) => Date.parse(watchExpiresAt!) > ended + hours(20),
      );
    }
    const renewals = (await helpdesk.history()).filter(({ type }) => type === 'WatchRenewed');
    const { sentence, by } = renewals.at(-1)!;
    check(by.startsWith('timer'), 'a timer did it', by);
    return `all four watches are renewed by ${by}: ${sentence}`;
  });

  await report.step('Six more days pass', async () => {
    for (let day = 0; day < 6; day += 1) {
      await stage.pass(days(1));
      const { watchExpiresAt } = await helpdesk.becomes('is watched', ({ status }) => status === 'connected');
      check(
        Date.parse(watchExpiresAt!) > stage.clock.now().getTime(),
        'the watch never ends',
        watchExpiresAt,
      );
    }
    const id = await helpdesk.gets(simpleMail('A week later'));
    await helpdesk.received([id]);
    return 'the watch never ended; mail comes';
  });

  const meanwhile = new Map<string, string>();
  await report.step('Google ends the permissions of the app in Testing', async () => {
    for (const mailbox of [support, alerts]) {
      meanwhile.set(mailbox.address, await mailbox.gets(simpleMail('After seven days')));
    }
    await google.pubsub.settled();
    await stage.pass(hours(1));
    const problem = await support.becomesTroubledBy('authorization.testing-expired');
    const { status } = await support.status();
    check(status === 'error', 'the mailbox shows an error', status);
    return `${problem.sentence} ${problem.remedy}`;
  });

  await report.step('The app is published, and the owners connect again', async () => {
    await google.changeProject(nordlicht.project.projectId, { publishingStatus: 'production' });
    for (const mailbox of [support, alerts]) {
      await mailbox.connect();
      await mailbox.receivedInTime([meanwhile.get(mailbox.address)!]);
      const { notices } = await mailbox.recovers();
      check(
        notices.every(({ code }) => code !== 'authorization.testing-mode'),
        'the notice is gone',
        notices,
      );
    }
    return 'connected, without the notice; the mail of meanwhile came';
  });

  await report.step('The history tells it all', async () => {
    const history = await askedUntil(
      'the history tells of both permissions',
      () => support.history(),
      (told) => told.filter(({ type }) => type === 'Authorized').length >= 2,
    );
    const lost = history.find(({ type }) => type === 'AuthorizationLost');
    check(
      lost !== undefined,
      'the loss is told',
      history.map(({ type }) => type),
    );
    return `${history.length} events, each in plain words, such as "${lost.sentence}"`;
  });
}
