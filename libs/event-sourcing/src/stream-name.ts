/** `<category>-<tenant>` or `<category>-<tenant>+<id>`: one cardinal id, so that no stream can mix two tenants. */
export interface StreamName {
  /** camelCase, for example `googleApp`. */
  category: string;
  tenantId: string;
  id?: string;
}

const pattern = /^(?<category>[a-z][a-zA-Z0-9]*)-(?<tenantId>[^+\s]+)(?:\+(?<id>[^\s]+))?$/;

/** Throws a RangeError when the parts cannot be told apart again afterwards. */
export function streamName(category: string, tenantId: string, id?: string): string {
  const name = id === undefined ? `${category}-${tenantId}` : `${category}-${tenantId}+${id}`;
  const parsed = parseStreamName(name);
  if (parsed.category !== category || parsed.tenantId !== tenantId || parsed.id !== id) throw malformed(name);
  return name;
}

/** Throws a RangeError when it is not a stream name. */
export function parseStreamName(name: string): StreamName {
  const groups = pattern.exec(name)?.groups;
  if (!groups?.category || !groups.tenantId) throw malformed(name);
  const { category, tenantId, id } = groups;
  return id === undefined ? { category, tenantId } : { category, tenantId, id };
}

export const categoryOf = (stream: string): string => parseStreamName(stream).category;

const malformed = (name: string): RangeError =>
  new RangeError(
    `"${name}" is not a stream name: expected <category>-<tenant> or <category>-<tenant>+<id>, the category in camelCase, no blanks, no "+" in the tenant.`,
  );
