import { createLogger } from './logger.js';

const canaries: [string, string][] = [
  ['an access token', 'ya29.a0AfB_byCanary-canary'],
  ['a refresh token', '1//0gCanaryCanaryCanaryCanary'],
  ['a code', '4/0AcanaryCanaryCanaryCanary'],
  ['a client secret', 'GOCSPX-canaryCanaryCanary'],
  ['a signed token', 'eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOjF9.canary'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n'],
  ['half a private key', '-----BEGIN PRIVATE KEY-----\ncanary'],
];
it.each(canaries)('never prints %s, in whatever text it stands', (_, canary) => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'oauth',
    destination: { write: (line) => void lines.push(line) },
  });
  logger.warn({ reason: `Google said ${canary} twice` }, `answered ${canary}`);
  logger.error({ err: new Error(`refused ${canary}`) }, 'failed');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toMatch(/canary|Y2FuYXJ5|eyJj/i);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ service: 'oauth' });
});

it('prints of an error only what names it, under whatever name and however deep', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'gmail',
    destination: { write: (line) => void lines.push(line) },
  });
  const request = { config: { headers: { 'x-goog': 'canary' } }, cause: { body: 'canary' } };
  const failure = Object.assign(new Error('refused'), request);
  logger.error({ failure, all: [{ a: { b: { c: failure } } }], err: failure, at: new Date(0) }, 'failed');
  expect(lines.join('')).not.toContain('canary');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    failure: { type: 'Error', message: 'refused' },
    err: { type: 'Error', message: 'refused' },
    at: '1970-01-01T00:00:00.000Z',
  });
});

it('prints no secret field, however deep it was put', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'oauth',
    destination: { write: (line) => void lines.push(line) },
  });
  logger.info(
    {
      refreshToken: 'canary',
      grant: {
        accessToken: 'canary',
        inner: { client_secret: 'canary', deep: { a: [{ id_token: 'canary' }] } },
      },
    },
    'stored',
  );
  logger.error(
    { err: Object.assign(new Error('refused'), { config: { headers: { authorization: 'canary' } } }) },
    'failed',
  );
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('canary');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    service: 'oauth',
    msg: 'stored',
    refreshToken: '[redacted]',
  });
});
