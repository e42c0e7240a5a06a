import { parseAddressHeader } from 'mailparser';
import type { EmailAddress } from '#contracts/inbound-email';
import type { HeaderValues } from './headers.js';
import type { SenderSource } from './parsed-message.js';

/** The reserved domain `.invalid` can never receive an answer. */
export const UNKNOWN_SENDER: EmailAddress = { email: 'unknown-sender@unknown.invalid' };

/** Everyone a header names; members of a group are listed singly. Domains stay in their ASCII form. */
export function addressesIn(values: string[] | undefined): EmailAddress[] {
  if (values === undefined) return [];
  const parsed = parseAddressHeader(values, { flatten: true, decodePunycode: false }).value;
  return parsed.flatMap(({ address, name }) => {
    if (!address) return [];
    return [name ? { email: address, name } : { email: address }];
  });
}

export function senderOf(headers: HeaderValues): { from: EmailAddress; senderSource: SenderSource } {
  for (const source of ['from', 'sender', 'return-path'] as const) {
    const from = addressesIn(headers[source]).find(({ email }) => email.includes('@'));
    if (from) return { from, senderSource: source };
  }
  return { from: UNKNOWN_SENDER, senderSource: 'none' };
}

/**
 * Google Groups put the group's address into From when the writer's domain forbids forwarding, and the writer
 * into X-Original-From, or into Reply-To where a group is set up to answer the author.
 */
export function groupWriter(headers: HeaderValues, from: EmailAddress): EmailAddress | undefined {
  const [original] = addressesIn(headers['x-original-from']);
  if (original && !sameAddress(original, from)) return original;
  if (!headers['x-google-group-id']) return undefined;
  const [writer, ...others] = addressesIn(headers['reply-to']);
  return writer && others.length === 0 && !sameAddress(writer, from) ? writer : undefined;
}

function sameAddress(one: EmailAddress, other: EmailAddress): boolean {
  return one.email.toLowerCase() === other.email.toLowerCase();
}
