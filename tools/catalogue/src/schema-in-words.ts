import { z } from 'zod';

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}

/** Long lists, such as all codes of problems, are described elsewhere. */
const longestList = 12;

/** A shape in one line, as TypeScript would write it. */
export const inWords = (shape: z.ZodType): string =>
  words(z.toJSONSchema(shape, { unrepresentable: 'any' }) as Schema);

/** The fields of an object shape, each with its own shape; empty when it has none. */
export function fieldsOf(shape: z.ZodType): { name: string; shape: string; optional: boolean }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(shape, { unrepresentable: 'any' }) as Schema;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    shape: words(schema),
    optional: !required.includes(name),
  }));
}

function words(schema: Schema): string {
  const { type, anyOf, oneOf, items, format, properties, additionalProperties } = schema;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum)
    return schema.enum.length > longestList
      ? 'problem code'
      : schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const choices =
    anyOf ?? oneOf ?? (Array.isArray(type) ? type.map((one) => ({ ...schema, type: one })) : null);
  if (choices) return choices.map(words).join(' | ');
  if (type === 'array') return `(${words(items ?? {})})[]`.replace(/^\(([\w-]+|\{.*\})\)/, '$1');
  if (properties && Object.keys(properties).length > 0) return objectWords(schema);
  if (type === 'object')
    return typeof additionalProperties === 'object' ? `{ [name]: ${words(additionalProperties)} }` : '{}';
  if (type === 'string' && format === 'date-time') return 'instant';
  return typeof type === 'string' ? type : 'any';
}

const objectWords = ({ properties = {}, required = [] }: Schema): string =>
  `{ ${Object.entries(properties)
    .map(([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${words(schema)}`)
    .join('; ')} }`;
