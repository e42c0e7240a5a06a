import { Hospital } from './hospital.js';
import type { Patient } from './patient.js';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await Hospital.open();
}, 120_000);
afterAll(() => hospital?.close());

const wrong = ({ checks }: Awaited<ReturnType<Patient['verify']>>) =>
  checks
    .filter(({ result, skipped }) => result !== 'pass' && skipped?.reason !== 'unneeded')
    .map(({ id, result, code, skipped, evidence }) => ({ id, result, code, skipped, evidence }));

it('finds nothing wrong with a setup, a mailbox and a calendar that work', async () => {
  const patient = await hospital.admit();
  await patient.connect('gmail');
  expect(wrong(await patient.verify('config'))).toEqual([]);
  expect(wrong(await patient.verify('gmail'))).toEqual([]);
  await patient.connect('calendar');
  expect(wrong(await patient.verify('calendar'))).toEqual([]);
});

it('finds nothing wrong with a tenant that uses calendars alone', async () => {
  const patient = await hospital.admit();
  const { clientId, clientSecret } = patient.project;
  await patient.call('DELETE', '/api/google/config');
  await patient.call('PUT', '/api/google/config', {
    projectId: patient.project.projectId,
    calendar: { clientId, clientSecret },
  });
  expect(wrong(await patient.verify('config')).map(({ id, result }) => [id, result])).toEqual([
    // Nobody can look, and nobody was connected yet.
    ['project.calendar-api', 'skip'],
    ['consent.lasting', 'skip'],
  ]);
  await patient.connect('calendar');
  expect(wrong(await patient.verify('calendar')).map(({ id, result }) => [id, result])).toEqual([
    ['project.calendar-api', 'skip'],
  ]);
});

it('finds nothing wrong with what was made by hand', async () => {
  const patient = await hospital.admit((tenant) => ({
    form: {
      provisioning: 'manual',
      serviceAccountKey: null,
      pushServiceAccount: `helpdesk-mail@${tenant}-project.iam.gserviceaccount.com`,
    },
  }));
  const { google, topic, subscription, endpoint, project } = patient;
  await google.pubsub.createTopic(topic);
  await google.pubsub.grantPublishers(topic);
  await google.pubsub.createSubscription(subscription, {
    topic,
    pushConfig: {
      pushEndpoint: endpoint,
      oidcToken: { serviceAccountEmail: project.serviceAccountEmail, audience: endpoint },
    },
  });
  await patient.connect('gmail');
  expect(wrong(await patient.verify('gmail')).map(({ id, result }) => [id, result])).toEqual([
    ['project.gmail-api', 'skip'],
  ]);
});
