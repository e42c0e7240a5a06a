import { faults } from './catalogue.js';
import type { Fault } from './fault.js';
import { Hospital } from './hospital.js';
import { verifyAt } from './patient.js';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await Hospital.open();
}, 120_000);
afterEach(() => hospital.tidyUp());
afterAll(() => hospital?.close());

it('knows no fault twice', () => {
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
});

async function suffering({ about, connect, wishes, breaks }: Fault) {
  const patient = await hospital.admit(wishes);
  const connected = connect ?? (about === 'config' ? 'nothing' : about);
  if (connected !== 'nothing') await patient.connect(connected);
  await breaks?.(patient);
  return patient;
}

it.each(faults.map((fault) => [fault.id, fault] as const))(
  'names %s, and nothing else',
  async (_id, fault) => {
    const patient = await suffering(fault);
    const { checks, overall } = await (fault.baseUrl
      ? verifyAt(patient, fault.baseUrl)
      : patient.verify(fault.about));
    const named = checks
      .filter(({ result }) => result === 'fail' || result === 'warn')
      .map(({ id, code, result }) => ({ id, code, result }));
    expect(named).toEqual([{ id: fault.check, code: fault.code, result: fault.result }]);
    expect(overall).toBe(fault.result);
    const said = checks.find(({ id }) => id === fault.check)!;
    expect(said.remedy).toMatch(/\w/);
    expect(said.sentence).not.toContain('(unknown)');
    expect(said.remedy).not.toContain('(unknown)');
  },
);
