import { jetstream } from '@nats-io/jetstream';
import { notificationSubject } from '#deliveries/subjects';
import { eventually, ReadingOffice } from './fixtures/reading-office.js';

let office: ReadingOffice;
beforeAll(async () => {
  office = await ReadingOffice.open();
});
afterEach(() => office.stopAll());
afterAll(() => office?.close());

it('lets no tenant’s notifications about mailboxes that are not there keep others from being taken', async () => {
  office.start(await office.means());
  for (let n = 0; n < 60; n++) await office.notify(`made-up-${n}@office.example`, '1');
  const mailbox = await office.connect('there@office.example');
  await office.notify('there@office.example');
  await eventually(async () =>
    (await office.told(mailbox)).some(({ type }) => type === 'NotificationProven'),
  );
  expect(await office.unacknowledged()).toBeLessThanOrEqual(20);
});

it('passes over what it cannot look for, instead of trying for ever', async () => {
  office.start(await office.means());
  const before = await office.unacknowledged().catch(() => 0);
  const emailAddress = 'nul\0@office.example';
  await jetstream(office.nats).publish(
    notificationSubject('t9', emailAddress),
    JSON.stringify({
      tenantId: 't9',
      emailAddress,
      historyId: '1',
      pushedAt: office.now().toISOString(),
      pubsubMessageId: 'm',
    }),
  );
  const mailbox = await office.connect('after@office.example');
  await office.notify('after@office.example');
  await eventually(async () =>
    (await office.told(mailbox)).some(({ type }) => type === 'NotificationProven'),
  );
  expect(await office.unacknowledged()).toBeLessThanOrEqual(before);
});
