/** As much of JSON Schema as zod makes of our events. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

/** Data that fits the schema, every optional field in it, always the same. @throws on a schema that it does not know */
export function sample(schema: Schema): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const one = schema.anyOf ?? schema.oneOf;
  if (one) return sample(one.find(({ type }) => type !== 'null') ?? one[0]!);
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  switch (type) {
    case 'string':
      return text(schema.format);
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return schema.items ? [sample(schema.items)] : [];
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, sample(field)]);
      const others = schema.additionalProperties;
      if (fields.length === 0 && typeof others === 'object') return { name: sample(others) };
      return Object.fromEntries(fields) as Record<string, unknown>;
    }
    default:
      throw new Error(`No sample can be made of ${JSON.stringify(schema)}.`);
  }
}

function text(format: string | undefined): string {
  switch (format) {
    case undefined:
      return 'text';
    case 'date-time':
      return '2026-03-01T08:00:00.000Z';
    case 'date':
      return '2026-03-01';
    case 'email':
      return 'somebody@acme.example';
    case 'problem-code':
      return 'google-app.incomplete';
    default:
      throw new Error(`No sample can be made of a text of the format ${format}.`);
  }
}
