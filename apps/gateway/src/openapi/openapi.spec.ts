import { readFileSync } from 'node:fs';
import { documentedApi } from './documented-api.js';

interface Operation {
  security?: unknown[];
  responses: Record<string, { description: string }>;
  parameters?: { name: string; in: string }[];
}
const paths = (JSON.parse(documentedApi()) as { paths: Record<string, Record<string, Operation>> }).paths;

it('is what docs/openapi.json says (npm run docs)', () => {
  expect(documentedApi()).toBe(readFileSync('docs/openapi.json', 'utf8'));
});

it('asks for a token everywhere but where something else proves the sender', () => {
  const withoutToken = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security?.length === 0)
      .map(([method]) => `${method} ${path}`),
  );
  expect(withoutToken.sort()).toEqual([
    'get /api/auth/google/calendar/callback',
    'get /api/auth/google/callback',
    'get /api/calendar/webhooks/google',
    'get /health',
    'get /openapi.json',
    'get /ready',
    'options /api/calendar/webhooks/google',
    'options /api/email/webhooks/google',
    'post /api/calendar/webhooks/google',
    'post /api/email/webhooks/google',
  ]);
});

it('names every parameter of a path', () => {
  for (const [path, operations] of Object.entries(paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(operations))
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(inPath);
  }
});

it('explains each refusal', () => {
  const refused = paths['/api/email/refresh-watch']!['post']!.responses;
  expect(Object.keys(refused)).toEqual(['200', '400', '401', '403', '404', '409', '500', '503']);
  expect(refused['404']!.description).toContain('mailbox.not-found');
});
