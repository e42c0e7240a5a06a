import { SignJWT } from 'jose';

export interface TokenFor {
  tenant: string;
  user: string;
  permissions?: string[];
}

export const everything = ['system_settings:read', 'system_settings:create', 'system_settings:update'];

/** A token as the PSA would issue it, for development: good for twelve hours unless said otherwise. */
export const mintToken = (
  secret: string,
  { tenant, user, permissions = everything }: TokenFor,
  goodFor = '12h',
): Promise<string> =>
  new SignJWT({ tenant, permissions })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime(goodFor)
    .sign(new TextEncoder().encode(secret));
