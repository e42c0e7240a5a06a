import type { SupportBundle } from '../../../apps/gateway/src/doctor/support-bundle.js';
import { Hospital } from './hospital.js';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await Hospital.open();
}, 120_000);
afterAll(() => hospital?.close());

it('gathers what a support desk needs: no secret, no content, no whole address', async () => {
  const patient = await hospital.admit();
  await patient.connect('gmail');
  const { providerId: mailboxId } = patient;
  await patient.mailComes('canary-subject-of-a-mail');
  await patient.connect('calendar');
  await patient.google.removeApp(patient.address, patient.project.projectId);

  const response = await patient.fetch('POST', '/api/google/support-bundle');
  expect(response.status).toBe(200);
  const text = await response.text();
  const bundle = JSON.parse(text) as SupportBundle;

  expect(bundle.versions.product).toMatch(/^\d+\.\d+\.\d+$/);
  expect(bundle.setup).toMatchObject({ badge: 'ready', projectId: patient.project.projectId });
  expect(bundle.verification.checks.length).toBeGreaterThan(20);
  expect(bundle.history.map(({ type }) => type)).toContain('ConfigStored');
  expect(bundle.providers.map(({ id, kind }) => [id, kind])).toEqual([
    [mailboxId, 'gmail'],
    [patient.providerId, 'calendar'],
  ]);
  expect(bundle.providers[0]).toMatchObject({ account: `s…@${patient.tenant}.example` });
  expect(bundle.providers[0]!.history.map(({ type }) => type)).toContain('NotificationProven');

  const { project, hospital: at, address } = patient;
  const { refreshTokens, accessTokens, codes } = at.embedded.simulator.world.oauth.snapshot();
  const { private_key, private_key_id } = JSON.parse(project.serviceAccountKeyJson!) as Record<
    string,
    string
  >;
  const canaries = [
    project.clientSecret,
    project.clientId,
    private_key_id!,
    ...private_key!.split('\n').filter((line) => line.length > 40),
    ...refreshTokens.map(({ token }) => token),
    ...accessTokens.map(({ token }) => token),
    ...codes.map(({ code }) => code),
    'canary-subject-of-a-mail',
    address,
    project.serviceAccountEmail,
  ];
  expect(canaries.length).toBeGreaterThan(30);
  for (const canary of canaries) expect(text).not.toContain(canary);
});
