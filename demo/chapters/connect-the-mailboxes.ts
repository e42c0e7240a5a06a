import { ticketsLabel, type Cast } from '../cast.js';
import { simpleMail, wordsOf, type Mailbox } from '../mailbox.js';
import { check, type Report } from '../report.js';
import { grantPropagationMs } from '../stage.js';

const gmailReadonly = 'https://www.googleapis.com/auth/gmail.readonly';

export async function connectTheMailboxes(cast: Cast, report: Report): Promise<void> {
  const { stage, nordlicht, helpdesk, billing, support, alerts } = cast;

  await report.step('Four mailboxes are added', async () => {
    await stage.google.gmail.createLabel(billing.address, ticketsLabel);
    for (const mailbox of [helpdesk, billing, support, alerts]) await mailbox.create();
    const states = await Promise.all([helpdesk, billing, support, alerts].map((mailbox) => mailbox.status()));
    check(
      states.every(({ status }) => status === 'disconnected'),
      'all are disconnected',
      states,
    );
    return 'all disconnected, each says that it has to be connected';
  });

  await report.step('Mail from before the connection', async () => {
    await helpdesk.gets(simpleMail('An old story'), { wanted: false });
    return 'lies in the mailbox, and is not for the PSA';
  });

  const refusals: [string, Parameters<Mailbox['consent']>[0], string][] = [
    ['The owner presses Cancel', { cancel: true }, 'authorization.denied'],
    [
      'The owner signs in as somebody else',
      { account: 'owner@harbor-it.com' },
      'authorization.wrong-account',
    ],
    ['The owner unticks reading the mailbox', { untick: [gmailReadonly] }, 'authorization.scope-missing'],
  ];
  for (const [done, wishes, code] of refusals) {
    await report.step(done, async () => {
      const words = wordsOf(await helpdesk.consent(wishes));
      check(words.includes('was not connected'), 'the page says that it was not connected', words);
      check(words.includes(code), `the page names ${code}`, words);
      await helpdesk.becomesTroubledBy(code);
      return `"${words}"`;
    });
  }

  await report.step('The owners consent at last', async () => {
    await helpdesk.connect();
    await billing.connect();
    const { status } = await helpdesk.becomes(
      'is tried again',
      ({ status, problem }) => status === 'configuring' && problem?.nextAttemptAt != null,
    );
    return `${status}: Google does not yet let Gmail publish, it is tried again by itself`;
  });

  await report.step(`Google’s grant takes ${grantPropagationMs / 1000} seconds to act`, async () => {
    const id = await helpdesk.gets(simpleMail('While the grant spreads'));
    for (const mailbox of [helpdesk, billing]) await mailbox.recovers();
    await helpdesk.received([id]);
    return 'both connected: permission, watch, and a first notification';
  });

  await report.step('A service account that may not let Gmail publish', async () => {
    const words = wordsOf(await support.consent());
    check(words.includes('is connected'), 'the permission itself is given', words);
    const problem = await support.becomesTroubledBy('pubsub.permission-denied');
    check(problem.actor === 'tenant-admin', 'it is the admin’s turn', problem);
    return `${problem.sentence} ${problem.remedy}`;
  });

  await report.step('The admin grants the role that was named', async () => {
    await stage.google.changeServiceAccount(nordlicht.project.serviceAccountEmail, {
      roles: ['roles/pubsub.admin'],
    });
    await alerts.connect();
    for (const mailbox of [support, alerts]) await mailbox.recovers();
    return 'tried again by itself: both connected';
  });

  await report.step('The app of nordlicht is in Testing', async () => {
    const notice = await support.becomesTroubledBy('authorization.testing-mode');
    const { authorizationExpiresAt } = await support.status();
    check(authorizationExpiresAt !== null, 'the end of the permission is known', notice);
    return `connected, with the notice that Google ends the permission on ${authorizationExpiresAt}`;
  });
}
