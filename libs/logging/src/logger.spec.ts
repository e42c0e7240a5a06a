import { createLogger } from './logger.js';

it('prints no secret field, however deep it was put', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'oauth',
    destination: { write: (line) => void lines.push(line) },
  });
  logger.info(
    { refreshToken: 'canary', grant: { accessToken: 'canary', inner: { client_secret: 'canary' } } },
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
