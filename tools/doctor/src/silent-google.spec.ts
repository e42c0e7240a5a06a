import { seconds } from '#time/clock';
import { Hospital } from './hospital.js';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await Hospital.open();
}, 120_000);
afterAll(() => hospital?.close());

it('blames nothing when Google does not answer, and comes to an end', async () => {
  const patient = await hospital.admit();
  await patient.connect('gmail');
  await patient.google.addFault({
    match: { pathPattern: '.' },
    effect: { kind: 'delay', delayMs: seconds(60) },
  });
  const { overall, checks } = await patient.verify('gmail');
  expect(overall).toBe('warn');
  expect(checks.filter(({ result }) => result === 'fail')).toEqual([]);
  const warned = checks.filter(({ result }) => result === 'warn');
  expect(warned.map(({ id, code }) => [id, code])).toEqual([
    ['gmail-client.id', 'google.sign-in-unavailable'],
    ['key.accepted', 'google.sign-in-unavailable'],
  ]);
});
