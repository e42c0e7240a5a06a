import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { z } from 'zod';
import type { Head } from './chain-check.js';

const statement = z.object({
  /** When the list was made. */
  at: z.iso.datetime(),
  heads: z.number().int(),
  /** SHA-256 in hex of the lines that follow the signature. */
  sha256: z.string(),
});
const line = z.object({ stream: z.string(), revision: z.number().int(), hash: z.string() });

/** The heads of all streams at a moment, as somebody signed them. */
export interface SignedHeads {
  at: string;
  heads: Head[];
}

/** What is wrong with a list, in a sentence for whoever brought it. */
export class SignedHeadsProblem extends Error {
  override name = 'SignedHeadsProblem';
}

/** A text to be kept elsewhere: first the signature (a compact JWS with EdDSA), then each head as a line of JSON, by stream. */
export async function signHeads(heads: Head[], at: Date, key: KeyObject): Promise<string> {
  const lines = heads
    .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
    .map(({ stream, revision, hash }) => JSON.stringify({ stream, revision, hash }))
    .join('\n');
  const said = { at: at.toISOString(), heads: heads.length, sha256: digest(lines) };
  const signature = await new CompactSign(new TextEncoder().encode(JSON.stringify(said)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'audit-heads+jws', kid: keyId(key) })
    .sign(key);
  return `${signature}\n${lines}\n`;
}

/** @throws SignedHeadsProblem when it was not signed with that key, or was changed since */
export async function readSignedHeads(text: string, publicKey: KeyObject): Promise<SignedHeads> {
  const end = text.indexOf('\n');
  const verified = await compactVerify(text.slice(0, end), publicKey, { algorithms: ['EdDSA'] }).catch(() => {
    throw new SignedHeadsProblem(
      'The list of heads was not signed with this key, or its first line was changed. Give the public key that belonged to the installation on that day.',
    );
  });
  const said = statement.parse(JSON.parse(new TextDecoder().decode(verified.payload)));
  const lines = text.slice(end + 1).trimEnd();
  if (digest(lines) !== said.sha256)
    throw new SignedHeadsProblem(
      'The list of heads was changed after it was signed: its lines are not the signed ones.',
    );
  const heads = lines === '' ? [] : lines.split('\n').map((each) => line.parse(JSON.parse(each)));
  return { at: said.at, heads };
}

/** Tells keys apart in a list of lists: the beginning of the SHA-256 of the public key. */
export const keyId = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return digest(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);
};

const digest = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
