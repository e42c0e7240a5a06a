import pg from 'pg';
import { newSigningKey, publicKeyOf, signingKeyIn } from '#event-sourcing/chain/signing-key';
import { keyId } from '#event-sourcing/chain/signed-heads';
import { readEmbeddedSettings } from '#configuration/configuration';
import { DataFolder } from '../../../apps/embedded/src/data-folder.js';
import { signedListOf } from '../../../apps/maintenance/src/signing/signed-heads-table.js';
import { CommandError } from '../../operator/src/whereabouts.js';

/** The heads as they were signed on a day, or lately. @throws CommandError */
export async function signedHeads(databaseUrl: string, day: string | null): Promise<string> {
  if (day !== null && !/^\d{4}-\d\d-\d\d$/.test(day))
    throw new CommandError('--day has to be a day such as 2026-11-23.');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const query = async <Row>(sql: string, values: unknown[]): Promise<Row[]> =>
      (await client.query(sql, values)).rows as Row[];
    const found = await signedListOf(query, day);
    if (found) return found.list;
    throw new CommandError(
      day === null
        ? 'The heads were not signed yet. The maintenance service does it once a day, if AUDIT_SIGNING_KEY is set.'
        : `The heads were not signed on ${day}: nothing ran then, or AUDIT_SIGNING_KEY was not set.`,
    );
  } finally {
    await client.end();
  }
}

/** The public part of AUDIT_SIGNING_KEY, or of the embedded run's key, in PEM. @throws CommandError */
export async function publicKey(setting = process.env['AUDIT_SIGNING_KEY']): Promise<string> {
  const key = signingKeyIn(setting || (await embeddedKey()));
  if (!key) throw new CommandError('AUDIT_SIGNING_KEY holds no key as make-key prints it.');
  return publicKeyOf(key);
}

async function embeddedKey(): Promise<string> {
  const folder = new DataFolder(readEmbeddedSettings().dataDir);
  if (await folder.running()) return (await folder.secrets()).signingKey;
  throw new CommandError(
    'Whose? Set AUDIT_SIGNING_KEY to the key of the installation, or start the embedded run with "npm start".',
  );
}

/** A key for AUDIT_SIGNING_KEY, and what it is called in signed lists. */
export function madeKey(): { setting: string; kid: string } {
  const setting = newSigningKey();
  return { setting, kid: keyId(signingKeyIn(setting)!) };
}
