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
