import { tooOld } from './eventstoredb-error.js';

it.each(['23.10.0', '24.10.4', '25.0.1'])('takes a server of version %s', (version) => {
  expect(tooOld(version, 'node:2113')).toBeNull();
});

it.each([
  ['23.6.0', 'version 23.6.0'],
  ['5.0.11', 'version 5.0.11'],
  ['unknown', 'of a version that does not tell its features'],
])('says of version %s what is needed', (version, told) => {
  expect(tooOld(version, 'node:2113')?.message).toBe(
    `EventStoreDB at node:2113 is ${told}; 23.10 or later is needed.`,
  );
});
