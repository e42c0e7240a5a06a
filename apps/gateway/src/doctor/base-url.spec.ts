import { baseUrlFinding } from './base-url.js';

const rows: [string, string | null][] = [
  ['https://psa.example.com', null],
  ['https://psa.example.com/tenant-google', null],
  ['https://psa.example.com:8443', null],
  ['http://psa.example.com', 'base-url.not-https'],
  ['http://localhost:3000', 'base-url.not-https'],
  ['https://10.0.0.5', 'base-url.ip-address'],
  ['https://[2001:db8::1]', 'base-url.ip-address'],
  ['https://psa', 'base-url.not-public'],
  ['https://localhost', 'base-url.not-public'],
  ['https://psa.corp.local', 'base-url.not-public'],
  ['https://psa.internal.', 'base-url.not-public'],
  ['https://me:secret@psa.example.com', 'base-url.malformed'],
  ['https://psa.example.com/*', 'base-url.malformed'],
  ['https://psa.example.com?a=b', 'base-url.malformed'],
  ['https://x.googleusercontent.com', 'base-url.malformed'],
];

it.each(rows)('judges %s by Google’s rules', (baseUrl, code) => {
  const finding = baseUrlFinding({ baseUrl, simulated: false });
  expect('problem' in finding ? finding.problem.code : null).toBe(code);
  expect(JSON.stringify(finding)).not.toContain('secret');
});

it('lets a simulated Google reach the developer’s own machine, and no other address', () => {
  const judged = (baseUrl: string) => baseUrlFinding({ baseUrl, simulated: true }).result;
  expect(judged('http://localhost:3000')).toBe('pass');
  expect(judged('http://127.0.0.1:3000')).toBe('pass');
  expect(judged('http://10.0.0.5')).toBe('fail');
});
