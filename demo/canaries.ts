import { createHash } from 'node:crypto';
import { KeyRing } from '#secrets/key-ring';
import { postgresSecrets } from '#secrets/postgres-secrets';
import { openSecretsDatabase } from '#secrets/secrets-database';
import type { Stage } from './stage.js';
import type { Tenant } from './tenant.js';

export type SecretKind =
  | 'client secret'
  | 'private key'
  | 'refresh token'
  | 'access token'
  | 'authorization code'
  | 'state'
  | 'token of a channel'
  | 'key of this installation'
  | 'token of a PSA user';

/** The real secrets of this run, as Google and the Secrets Provider know them. Gathered again and again, as many live only for a while. */
export class Canaries {
  readonly byValue = new Map<string, SecretKind>();
  /** PKCE: a text whose SHA-256 is one of these is a verifier. */
  readonly challenges = new Set<string>();

  async gather(stage: Stage, tenants: Tenant[]): Promise<void> {
    const { embedded } = stage;
    const keys = await embedded.folder.secrets();
    this.add('key of this installation', keys.jwtSecret, keys.keyRing.split(':')[1]!);
    for (const { clientSecrets, serviceAccountKey, bearers } of tenants) {
      this.add('client secret', ...clientSecrets);
      this.add('private key', ...telltaleLines(serviceAccountKey.private_key));
      this.add('token of a PSA user', ...bearers);
    }
    const { codes, refreshTokens, accessTokens } = embedded.simulator.world.oauth.snapshot();
    for (const { code, request } of codes) {
      this.add('authorization code', code);
      if (request.state) this.add('state', request.state);
      if (request.challenge) this.challenges.add(request.challenge.challenge);
    }
    this.add('refresh token', ...refreshTokens.map(({ token }) => token));
    this.add('access token', ...accessTokens.map(({ token }) => token));
    const channels = embedded.simulator.world.calendar.channels.list();
    this.add('token of a channel', ...channels.flatMap(({ token }) => token ?? []));
    await this.gatherStored(stage, keys.keyRing, tenants);
  }

  count(kind: SecretKind): number {
    return [...this.byValue.values()].filter((one) => one === kind).length;
  }

  /** Whether the text is the secret behind one of the PKCE challenges. */
  isVerifier(text: string): boolean {
    return this.challenges.has(createHash('sha256').update(text).digest('base64url'));
  }

  private add(kind: SecretKind, ...values: string[]): void {
    for (const value of values) this.byValue.set(value, kind);
  }

  private async gatherStored({ embedded }: Stage, keyRing: string, tenants: Tenant[]): Promise<void> {
    const database = await openSecretsDatabase({ url: embedded.postgresUrl, poolSize: 1 });
    try {
      const secrets = postgresSecrets(database, KeyRing.parse(keyRing) as KeyRing);
      for (const { id } of tenants) {
        const keys = await secrets.listTenantSecretKeys(id);
        const refresh = keys.filter((key) => key.startsWith('google_refresh_token_'));
        const values = Object.values<string | undefined>(await secrets.getTenantSecrets(id, refresh));
        this.add('refresh token', ...values.filter((value) => value !== undefined));
      }
    } finally {
      await database.destroy();
    }
  }
}

/** Lines of a PEM file that nothing else contains, whichever way its line ends are written. */
const telltaleLines = (pem: string): string[] => {
  const lines = pem.split('\n').filter((line) => line.length === 64 && !line.startsWith('-'));
  return [lines[1]!, lines[Math.floor(lines.length / 2)]!, lines.at(-1)!];
};

/** The ways in which somebody might write a secret down without meaning to. */
export function spellings(secret: string): string[] {
  const inBase64 = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(before ? 4 : 0, -4),
  );
  return [secret, encodeURIComponent(secret), ...inBase64, Buffer.from(secret).toString('hex')];
}
