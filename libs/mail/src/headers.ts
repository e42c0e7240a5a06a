import type { HeaderLines } from 'mailparser';

export type HeaderValues = Record<string, string[]>;

/** Printable ASCII without the colon, as a header name has to be. Anything else in the block is a broken line. */
const HEADER_NAME = /^[!-9;-~]{1,200}$/;

export function headerValues(lines: HeaderLines): HeaderValues {
  const values = new Map<string, string[]>();
  for (const { key, line } of lines) {
    // An own property of that name would get lost in the next copy of the object.
    if (!HEADER_NAME.test(key) || key === '__proto__') continue;
    const value = unfolded(line.slice(line.indexOf(':') + 1));
    const earlier = values.get(key);
    if (earlier) earlier.push(value);
    else values.set(key, [value]);
  }
  return Object.fromEntries(values);
}

function unfolded(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8').replaceAll(/\r?\n/g, '').replaceAll('\t', ' ').trim();
}

/** The ids in a References or In-Reply-To header, each with its angle brackets, each once. */
export function messageIdsIn(values: string[] | undefined): string[] {
  const found = (values ?? []).flatMap((value) => value.match(/<[^<>\s]+>/g) ?? []);
  return [...new Set(found)];
}

const MESSAGE_ID = /^<?([!-;=?A-~]{1,900})@([!-;=?A-~]{1,255})>?$/;

/**
 * `rfc822:<local part>@<lower-case domain>`, the form in which the host looks messages up; undefined if the
 * header is not one well-formed id.
 */
export function normalisedMessageId(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 998) return undefined;
  const match = MESSAGE_ID.exec(header);
  if (!match) return undefined;
  const [, local = '', domain = ''] = match;
  return `rfc822:${local}@${domain.toLowerCase()}`;
}
