import { definitionOf } from '#problems/problem';
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
  'names %s, and nothing else, and changes nothing by looking',
  async (_id, fault) => {
    const patient = await suffering(fault);
    await hospital.quiet();
    const before = await hospital.recorded(patient.tenant);

    const { checks, overall } = await (fault.baseUrl
      ? verifyAt(patient, fault.baseUrl)
      : patient.verify(fault.about));

    const named = checks
      .filter(({ result }) => result === 'fail' || result === 'warn')
      .map(({ id, code, result }) => ({ id, code, result }));
    expect(named).toEqual([{ id: fault.check, code: fault.code, result: fault.result }]);
    expect(overall).toBe(fault.result);
    const { sentence, remedy, link } = checks.find(({ id }) => id === fault.check)!;
    expect(`${sentence} ${remedy}`).not.toContain('(unknown)');
    if (definitionOf(fault.code).link && fault.id !== 'nothing-stored') expect(link).toMatch(/^https:/);
    expect(await hospital.changesAtGoogle()).toEqual([]);
    expect(await hospital.recorded(patient.tenant)).toEqual(before);
  },
);
