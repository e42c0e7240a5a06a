import { isSecretKey, newStagedSecretsId, stagedAt, stagedSecretsKey } from './secret-keys.js';

it('tells from its key when secrets were staged', () => {
  const now = new Date('2026-03-01T08:00:00.123Z');
  const key = stagedSecretsKey(newStagedSecretsId(now));
  expect(isSecretKey(key)).toBe(true);
  expect(stagedAt(key)).toEqual(now);
});

it('takes no other secret for a staged one', () => {
  expect(stagedAt('google_refresh_token_p1')).toBeUndefined();
  expect(stagedAt('google_staged_x')).toBeUndefined();
});

it('gives every staging an id of its own', () => {
  const now = new Date('2026-03-01T08:00:00.123Z');
  expect(newStagedSecretsId(now)).not.toBe(newStagedSecretsId(now));
});
