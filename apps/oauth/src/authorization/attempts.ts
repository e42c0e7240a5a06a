import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import type { Product } from '#contracts/oauth';
import { days } from '#time/clock';
import { newCodeVerifier, newState, sealedVerifier, stateHash, unsealedVerifier } from './state.js';

/** For the service's list of migrations. */
export class AuthorizationAttempts1764100000000 implements MigrationInterface {
  readonly name = 'AuthorizationAttempts1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE authorization_attempts (
        state_hash text PRIMARY KEY,
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        user_id text NOT NULL,
        product text NOT NULL,
        client_id text NOT NULL,
        redirect_uri text NOT NULL,
        scopes text[] NOT NULL,
        expected_account text NOT NULL,
        opener_origin text,
        correlation_id text NOT NULL,
        sealed_verifier bytea NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX authorization_attempts_expiry ON authorization_attempts (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authorization_attempts');
  }
}

/** Everything that the consent is bound to, besides its state. */
export interface Attempt {
  tenantId: string;
  providerId: string;
  userId: string;
  product: Product;
  clientId: string;
  redirectUri: string;
  scopes: string[];
  expectedAccount: string;
  openerOrigin: string | null;
  correlationId: string;
  expiresAt: Date;
}

// Kept a while after their end, so that somebody who comes back too late is told so by name.
const keptAfterEndMs = days(1);

export class Attempts {
  constructor(private readonly database: DataSource) {}

  /** Answers what goes to Google; only the state's hash stays here, and a verifier that only the state opens. */
  async begin(attempt: Attempt, now: Date): Promise<{ state: string; codeVerifier: string }> {
    const [state, codeVerifier] = [newState(), newCodeVerifier()];
    await this.database.query('DELETE FROM authorization_attempts WHERE expires_at < $1', [
      new Date(now.getTime() - keptAfterEndMs),
    ]);
    await this.database.query(
      `INSERT INTO authorization_attempts
         (state_hash, tenant_id, provider_id, user_id, product, client_id, redirect_uri, scopes, expected_account,
          opener_origin, correlation_id, sealed_verifier, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        stateHash(state),
        attempt.tenantId,
        attempt.providerId,
        attempt.userId,
        attempt.product,
        attempt.clientId,
        attempt.redirectUri,
        attempt.scopes,
        attempt.expectedAccount,
        attempt.openerOrigin,
        attempt.correlationId,
        sealedVerifier(state, codeVerifier),
        attempt.expiresAt,
      ],
    );
    return { state, codeVerifier };
  }

  /** Whose attempt it is; undefined when there is none, or none any more. */
  async tenantOf(state: string): Promise<string | undefined> {
    const rows: { tenant_id: string }[] = await this.database.query(
      'SELECT tenant_id FROM authorization_attempts WHERE state_hash = $1',
      [stateHash(state)],
    );
    return rows[0]?.tenant_id;
  }

  /** Ends all attempts of a provider; answers how many there were. */
  async abandon(tenantId: string, providerId: string): Promise<number> {
    const [, abandoned]: [unknown, number] = await this.database.query(
      'DELETE FROM authorization_attempts WHERE tenant_id = $1 AND provider_id = $2',
      [tenantId, providerId],
    );
    return abandoned;
  }

  /** Takes the attempt away, so that its state is good for one answer, whatever comes of it. */
  async take(state: string): Promise<(Attempt & { codeVerifier: string | undefined }) | undefined> {
    const [rows] = await this.database.query<[(Attempt & { sealedVerifier: Buffer })[], number]>(
      `DELETE FROM authorization_attempts WHERE state_hash = $1
       RETURNING tenant_id AS "tenantId", provider_id AS "providerId", user_id AS "userId", product,
         client_id AS "clientId", redirect_uri AS "redirectUri", scopes, expected_account AS "expectedAccount",
         opener_origin AS "openerOrigin", correlation_id AS "correlationId", sealed_verifier AS "sealedVerifier",
         expires_at AS "expiresAt"`,
      [stateHash(state)],
    );
    if (!rows[0]) return undefined;
    const { sealedVerifier: sealed, ...attempt } = rows[0];
    return { ...attempt, codeVerifier: unsealedVerifier(state, sealed) };
  }
}
