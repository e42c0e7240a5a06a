import { readFileSync } from 'node:fs';
import { eventContracts, requests } from '#contracts/registry';
import { problemCodes } from '#problems/problem';
import { messagesPage } from './messages-page.js';

it('is what docs/messages.md says (npm run docs)', () => {
  expect(messagesPage()).toBe(readFileSync('docs/messages.md', 'utf8'));
});

it('names every request, event and problem', () => {
  const headings = new Set(messagesPage().match(/^### .*$/gm));
  for (const { type } of [...requests, ...eventContracts]) expect(headings).toContain(`### ${type}`);
  for (const code of problemCodes) expect(headings).toContain(`### \`${code}\``);
});
