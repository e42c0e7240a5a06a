export type Permission = 'system_settings:read' | 'system_settings:create' | 'system_settings:update';

/** What the token says of whoever uses the page. Only for what is shown: the gateway decides by itself. */
export interface Claims {
  user: string | null;
  tenant: string | null;
  permissions: string[];
  issuedAt: number | null;
  expiresAt: number | null;
}

/** Null: this is no token at all. */
export function claimsOf(token: string): Claims | null {
  const payload = token.split('.')[1];
  if (!payload) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (c) =>
      c.charCodeAt(0),
    );
    const read = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const time = (value: unknown) => (typeof value === 'number' ? value * 1_000 : null);
    const { permissions } = read;
    return {
      user: text(read['sub']),
      tenant: text(read['tenant'] ?? read['tenant_id']),
      permissions: Array.isArray(permissions) ? permissions.filter((one) => typeof one === 'string') : [],
      issuedAt: time(read['iat']),
      expiresAt: time(read['exp']),
    };
  } catch {
    return null;
  }
}

/** When the next token is asked for: a while before this one ends, so that nobody waits for it. Null: it does not say when it ends. */
export function renewalAt({ issuedAt, expiresAt }: Claims, now: number): number | null {
  if (expiresAt === null) return null;
  const life = expiresAt - (issuedAt ?? now);
  return expiresAt - Math.min(60_000, life / 4);
}
