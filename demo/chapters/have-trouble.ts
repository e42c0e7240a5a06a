import { minutes, seconds } from '#time/clock';
import type { Cast } from '../cast.js';
import { simpleMail, type Mailbox } from '../mailbox.js';
import { check, type Report } from '../report.js';
import { askedUntil } from '../waiting.js';

interface Parked {
  parked: { gmailId: string; reason: string; attempts: number }[];
}

export async function haveTrouble(cast: Cast, report: Report): Promise<void> {
  const { stage, harbor, helpdesk, support, alerts } = cast;
  const { google, psa } = stage;

  /** Google's notification of the next mail gets lost on its way. */
  const unnoticed = async (mailbox: Mailbox, subject: string): Promise<string> => {
    await google.addFault({
      match: { on: 'pubsub-push', caller: mailbox.address },
      effect: { kind: 'drop' },
      times: 1,
    });
    const id = await mailbox.gets(simpleMail(subject));
    await google.pubsub.settled();
    return id;
  };

  await report.step('A notification is lost', async () => {
    const id = await unnoticed(support, 'Nobody was told of this');
    check(!psa.email(support.providerId, id), 'the mail has not come');
    await stage.pass(minutes(11));
    await support.received([id]);
    return 'found within ten minutes by comparing with Gmail';
  });

  await report.step('A message cannot be read', async () => {
    const poison = await unnoticed(helpdesk, 'Poison');
    await google.addFault({
      match: { on: 'request', pathPattern: `/messages/${poison}` },
      effect: { kind: 'error', code: 500, message: 'Internal error encountered.' },
    });
    const other = await helpdesk.gets(simpleMail('After the poison'));
    await helpdesk.received([other]);
    const path = `/api/email/providers/${helpdesk.providerId}/parked-messages`;
    const { parked } = await askedUntil(
      'the message is parked',
      () => harbor.ask<Parked>('GET', path),
      (answer) => answer.parked.some(({ gmailId }) => gmailId === poison),
    );
    await helpdesk.becomesTroubledBy('mailbox.messages-parked');
    check(!psa.email(helpdesk.providerId, poison), 'the message has not come');
    await google.clearFaults();
    const { delivered } = await helpdesk.post<{ delivered: boolean }>(`parked-messages/${poison}/retry`);
    check(delivered, 'retried by hand, it is delivered');
    await helpdesk.received([poison]);
    return `parked ("${parked[0]!.reason}"), others passed it; retried by hand, it came`;
  });

  await report.step('Gmail’s history expires before it was read', async () => {
    const lost = [];
    for (const subject of ['Gone 1', 'Gone 2', 'Gone 3']) lost.push(await unnoticed(alerts, subject));
    await google.gmail.expireHistory(alerts.address);
    const last = await alerts.gets(simpleMail('After the gap'));
    await alerts.received([...lost, last]);
    const history = await askedUntil(
      'the gap is recovered',
      () => alerts.history(),
      (told) => told.some(({ type }) => type === 'GapRecovered'),
    );
    const recovered = history.find(({ type }) => type === 'GapRecovered')!;
    check(
      history.some(({ type }) => type === 'GapDetected'),
      'the gap was told',
    );
    check(Number(recovered.data['recovered']) >= lost.length, 'all of it was recovered', recovered.data);
    return recovered.sentence;
  });

  await report.step('A mailbox is paused, and resumed', async () => {
    await support.post('pause', { reason: 'manual' });
    await support.becomes('is paused', ({ paused }) => paused);
    const ids = [];
    for (const n of [1, 2, 3]) ids.push(await support.gets(simpleMail(`While paused ${n}`)));
    await google.pubsub.settled();
    await stage.embedded.caughtUp();
    check(
      ids.every((id) => !psa.email(support.providerId, id)),
      'nothing comes while it is paused',
    );
    await support.post('resume');
    await support.received(ids);
    await support.becomesConnected();
    return 'nothing came meanwhile; the three mails came after it';
  });

  await report.step('Gmail answers 503 for a while', async () => {
    await google.addFault({
      match: { on: 'request', pathPattern: '^/gmail/v1/', caller: helpdesk.address },
      effect: { kind: 'error', code: 503, reason: 'backendError', message: 'Backend Error' },
      times: 3,
    });
    const id = await helpdesk.gets(simpleMail('While Gmail is ill'));
    await google.pubsub.settled();
    await helpdesk.receivedInTime([id]);
    return 'tried again; the mail came';
  });

  await report.step('Somebody takes Gmail’s right to publish away', async () => {
    await google.pubsub.grantPublishers(harbor.topic, []);
    // A watch that was renewed within the hour is left alone.
    await stage.pass(minutes(61));
    const answer = await harbor.call('POST', '/api/email/refresh-watch', { providerId: helpdesk.providerId });
    check(answer.status === 409, 'renewing the watch by hand is refused', answer);
    const problem = await helpdesk.becomesTroubledBy('gmail.publisher-grant-missing');
    return `${answer.status}; ${problem.sentence} ${problem.remedy}`;
  });

  await report.step('The right is given again', async () => {
    const id = await helpdesk.gets(simpleMail('While Gmail may not publish'));
    await google.pubsub.grantPublishers(harbor.topic);
    await stage.pass(minutes(2));
    await helpdesk.recovers();
    await stage.pass(minutes(11));
    await helpdesk.received([id]);
    return 'the watch is renewed by itself; the mail of meanwhile came';
  });

  await report.step('The owner removes the app from the account', async () => {
    await google.removeApp(helpdesk.address, harbor.project.projectId);
    const id = await helpdesk.gets(simpleMail('Without permission'));
    const { status, problem } = await helpdesk.becomes(
      'needs a new permission',
      (one) => one.status === 'error',
    );
    check(problem?.actor === 'mailbox-owner', 'it is the owner’s turn', problem);
    check(!psa.email(helpdesk.providerId, id), 'the mail has not come');
    await helpdesk.connect();
    await helpdesk.receivedInTime([id]);
    await helpdesk.recovers();
    return `${status}: ${problem.sentence} Connected again; the mail of meanwhile came`;
  });

  await report.step('The client secret is rotated', async () => {
    const { clientId } = harbor.project;
    const { clientSecret } = await google.addSecret(clientId);
    await harbor.rotateSecret(clientSecret);
    await stage.pass(minutes(61));
    const id = await helpdesk.gets(simpleMail('After the rotation'));
    await helpdesk.received([id]);
    await stage.pass(seconds(2));
    await helpdesk.becomesConnected();
    return 'only the new secret was entered; nobody had to connect again';
  });
}
