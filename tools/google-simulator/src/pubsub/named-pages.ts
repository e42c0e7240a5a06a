import { z } from 'zod';

const pageQuery = z.looseObject({
  pageSize: z.coerce.number().int().positive().max(1_000).catch(100),
  pageToken: z.string().optional(),
});

/** One page of resources in the order of their names; the token is the last name of the page before. */
export function pageOfNamed<T extends { readonly name: string }>(
  all: readonly T[],
  query: unknown,
): { items: readonly T[]; nextPageToken?: string } {
  const { pageSize, pageToken } = pageQuery.parse(query);
  const after = pageToken ? Buffer.from(pageToken, 'base64url').toString() : '';
  const rest = all.filter(({ name }) => name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const items = rest.slice(0, pageSize);
  const last = items.at(-1);
  const more = rest.length > items.length && last !== undefined;
  return { items, ...(more && { nextPageToken: Buffer.from(last.name).toString('base64url') }) };
}
