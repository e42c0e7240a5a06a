import { exportJWK, generateKeyPair } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MovableClock, hours, seconds } from '#time/clock';
import { GoogleCertificates } from './google-certificates.js';

let google: Server;
let fetches: number;
let away: boolean;
let certificates: GoogleCertificates;
let clock: MovableClock;

beforeEach(async () => {
  [fetches, away, clock] = [0, false, new MovableClock()];
  const { publicKey } = await generateKeyPair('RS256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] });
  google = createServer((_, response) => {
    fetches++;
    response.writeHead(away ? 500 : 200, { 'cache-control': 'public, max-age=3600' }).end(away ? '' : keys);
  });
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  const { port } = google.address() as AddressInfo;
  certificates = new GoogleCertificates(`http://127.0.0.1:${port}/certs`, clock);
});
afterEach(() => {
  google.closeAllConnections();
  return new Promise((resolve) => google.close(resolve));
});

it('goes on with the keys that it has while Google gives none, and asks again only now and then', async () => {
  expect(await certificates.key('k1')).toBeDefined();
  away = true;
  clock.advance(hours(2));
  for (let n = 0; n < 20; n++) expect(await certificates.key('k1')).toBeDefined();
  expect(fetches).toBe(2);
  clock.advance(seconds(11));
  away = false;
  expect(await certificates.key('k1')).toBeDefined();
  expect(fetches).toBe(3);
});

it('cannot say anything without keys, and is not made to ask for each push', async () => {
  away = true;
  for (let n = 0; n < 20; n++) await expect(certificates.key('k1')).rejects.toThrow('cannot be had');
  expect(fetches).toBe(1);
  clock.advance(seconds(11));
  away = false;
  expect(await certificates.key('k1')).toBeDefined();
  expect(await certificates.key('made-up')).toBeUndefined();
});

it('cannot say whose a new key is while Google gives none, but knows that it did not publish it before', async () => {
  expect(await certificates.key('k1')).toBeDefined();
  clock.advance(seconds(11));
  away = true;
  expect(await certificates.key('k2')).toBeUndefined();
  clock.advance(hours(2));
  await expect(certificates.key('k2')).rejects.toThrow('cannot be had');
});
