import { createHash } from 'node:crypto';
import { mailFixtures, readMailFixture } from '#mail/fixtures/fixtures';
import { mailboxesOf, ticketsLabel, type Cast } from '../cast.js';
import { simpleMail } from '../mailbox.js';
import { check, type Report } from '../report.js';

export async function receiveMail(cast: Cast, report: Report): Promise<void> {
  const { stage, nordlicht, helpdesk, billing, support, alerts } = cast;
  const label = await stage.google.gmail.createLabel(billing.address, ticketsLabel);
  const labelled = { labels: ['INBOX', 'UNREAD', label.id] };

  await report.step(`${mailFixtures.length} kinds of mail come into every mailbox`, async () => {
    for (const { name } of mailFixtures) {
      const mail = readMailFixture(name);
      await helpdesk.gets(mail);
      await billing.gets(mail, labelled);
      await support.gets(mail);
      await alerts.gets(mail);
    }
    for (const mailbox of mailboxesOf(cast)) await mailbox.received(await mailbox.expected());
    return `${stage.psa.emails.size} deliveries came to the PSA`;
  });

  await report.step('A delivery says what the mail says', async () => {
    const id = await helpdesk.gets(readMailFixture('iso-2022-jp'));
    await helpdesk.received([id]);
    const email = stage.psa.email(helpdesk.providerId, id)!;
    check(
      email.tenantId === 'harbor-it' && email.mailbox === helpdesk.address,
      'it is the tenant’s',
      email.mailbox,
    );
    check(
      /[\u3040-\u30ff\u4e00-\u9fff]/.test(email.subject),
      'the Japanese subject is readable',
      email.subject,
    );
    return `from ${email.from.email}: "${email.subject}"`;
  });

  await report.step('The message as Gmail holds it is fetched, also by a stranger', async () => {
    const raw = readMailFixture('inline-images');
    const id = await support.gets(raw);
    await support.received([id]);
    const { rawMime } = stage.psa.email(support.providerId, id)!;
    const own = await nordlicht.call('GET', rawMime.path);
    const hash = createHash('sha256').update(own.text, 'utf8').digest('hex');
    check(own.status === 200 && hash === rawMime.sha256, 'the tenant gets it byte for byte', own.status);
    const strange = await cast.harbor.call('GET', rawMime.path);
    check(strange.status === 404, 'another tenant gets nothing', strange.status);
    return `${rawMime.size} bytes for the tenant, ${strange.status} for another`;
  });

  await report.step('Spam, a draft, and mail without the label', async () => {
    const before = stage.psa.emails.size;
    await support.gets(simpleMail('You have won'), { labels: ['SPAM'], wanted: false });
    await support.gets(simpleMail('Not finished'), { labels: ['DRAFT'], wanted: false });
    await billing.gets(simpleMail('No ticket'), { wanted: false });
    const [after, ticket] = [
      await support.gets(simpleMail('After the spam')),
      await billing.gets(simpleMail('A ticket'), labelled),
    ];
    await support.received([after]);
    await billing.received([ticket]);
    check(stage.psa.emails.size === before + 2, 'only the two others came', stage.psa.emails.size - before);
    return 'are left out; the mails after them came';
  });

  await report.step('A mail gets the label later', async () => {
    const id = await billing.gets(simpleMail('A ticket after all'), { wanted: false });
    await stage.pass(2_000);
    await stage.google.gmail.changeLabels(billing.address, id, { add: [label.id] });
    billing.notForThePsa.delete(id);
    await billing.received([id]);
    return 'came when it was labelled';
  });
}
