import { claimsOf, renewalAt } from './claims.js';

const tokenOf = (payload: object): string =>
  `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;

describe('what a token says', () => {
  it('is read under either name of the tenant, whatever letters a user has', () => {
    expect(
      claimsOf(
        tokenOf({ sub: 'Zoë', tenant_id: 'acme', permissions: ['system_settings:read', 7], iat: 1, exp: 61 }),
      ),
    ).toEqual({
      user: 'Zoë',
      tenant: 'acme',
      permissions: ['system_settings:read'],
      issuedAt: 1_000,
      expiresAt: 61_000,
    });
  });

  it.each(['', 'no token', 'a.b.c', 'a.e30'.slice(0, 2)])('is nothing for %j', (text) => {
    expect(claimsOf(text)).toBeNull();
  });
});

describe('the next token', () => {
  const claims = { user: null, tenant: null, permissions: [], issuedAt: 0 };

  it('is asked for a minute before this one ends', () => {
    expect(renewalAt({ ...claims, expiresAt: 600_000 }, 0)).toBe(540_000);
  });

  it('is asked for earlier in its life when this one is short', () => {
    expect(renewalAt({ ...claims, expiresAt: 40_000 }, 0)).toBe(30_000);
  });

  it('is not asked for by time when this one does not end', () => {
    expect(renewalAt({ ...claims, expiresAt: null }, 0)).toBeNull();
  });
});
