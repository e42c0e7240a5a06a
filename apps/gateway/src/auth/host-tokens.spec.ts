import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hours, MovableClock } from '#time/clock';
import { HostTokens } from './host-tokens.js';

let host: Server;
let keys: { kid: string; privateKey: CryptoKey; publicKey: CryptoKey }[];
let url: string;

beforeEach(async () => {
  keys = [];
  await addKey('k1');
  host = createServer((_, response) => {
    void Promise.all(
      keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' })),
    ).then((jwks) => response.end(JSON.stringify({ keys: jwks })));
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/jwks`;
});
afterEach(() => {
  host.closeAllConnections();
  return new Promise((resolve) => host.close(resolve));
});

const addKey = async (kid: string) => {
  keys.push({ kid, ...(await generateKeyPair('ES256', { extractable: true })) });
};

const token = (kid: string, claims: { iss?: string; aud?: string } = {}) =>
  new SignJWT({ tenant: 't1', permissions: ['system_settings:read'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject('u1')
    .setExpirationTime('1h')
    .sign(keys.find((key) => key.kid === kid)!.privateKey);

const tokens = (other: { issuer?: string; audience?: string } = {}, clock = new MovableClock()) =>
  new HostTokens({ kind: 'jwks', url, ...other }, clock);

it('knows a caller by the host’s published key', async () => {
  expect(await tokens().callerOf(`Bearer ${await token('k1')}`)).toMatchObject({
    tenantId: 't1',
    userId: 'u1',
    permissions: ['system_settings:read'],
  });
});

it('holds the token against the issuer and the audience that are configured', async () => {
  const strict = tokens({ issuer: 'psa', audience: 'google' });
  expect(await strict.callerOf(`Bearer ${await token('k1', { iss: 'psa', aud: 'google' })}`)).not.toBeNull();
  expect(await strict.callerOf(`Bearer ${await token('k1', { iss: 'psa', aud: 'mail' })}`)).toBeNull();
  expect(await strict.callerOf(`Bearer ${await token('k1', { iss: 'x', aud: 'google' })}`)).toBeNull();
  expect(await strict.callerOf(`Bearer ${await token('k1')}`)).toBeNull();
});

it('still knows a caller while the host’s keys are away, until the token ends', async () => {
  const clock = new MovableClock();
  const own = tokens({}, clock);
  const authorization = `Bearer ${await token('k1')}`;
  expect(await own.callerOf(authorization)).not.toBeNull();
  host.closeAllConnections();
  keys = [];
  expect(await own.callerOf(authorization)).not.toBeNull();
  clock.advance(hours(1.1));
  expect(await own.callerOf(authorization)).toBeNull();
});

it('cannot say who it is while the host’s keys cannot be had', async () => {
  const unreachable = new HostTokens({ kind: 'jwks', url: 'http://127.0.0.1:1/jwks' }, new MovableClock());
  expect(await unreachable.callerOf(`Bearer ${await token('k1')}`)).toBe('unverifiable');
});

it('knows nobody by a key that the host does not publish', async () => {
  await addKey('k2');
  const signed = await token('k2');
  keys.pop();
  expect(await tokens().callerOf(`Bearer ${signed}`)).toBeNull();
});

it.each([
  ['a user that no database keeps', { sub: 'u\0' }],
  ['a tenant of several tokens of a subject', { tenant: 't1.>' }],
  ['a tenant with a blank', { tenant: 't 1' }],
  ['a tenant with a line break', { tenant: 't1\n' }],
  ['permissions that are no list', { permissions: 'system_settings:read' }],
])('knows nobody whose token names %s', async (_, claims) => {
  const signed = new SignJWT({ tenant: 't1', permissions: [], sub: 'u1', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime('1h');
  expect(await tokens().callerOf(`Bearer ${await signed.sign(keys[0]!.privateKey)}`)).toBeNull();
});
