import { readFileSync } from 'node:fs';
import { checkIds } from '#contracts/checks';
import { faults } from '../../doctor/src/catalogue.js';
import { doctorPage } from './doctor-page.js';

it('is what docs/doctor.md says (npm run docs)', () => {
  expect(doctorPage()).toBe(readFileSync('docs/doctor.md', 'utf8'));
});

it('knows a fault for each check but those that nothing at the simulated Google can break', () => {
  const named = new Set<string>(faults.map(({ check }) => check));
  expect(checkIds.filter((id) => !named.has(id)).toSorted()).toEqual([
    'calendar.account',
    'calendar.reading',
    'grant.scopes',
    'mailbox.account',
  ]);
});
