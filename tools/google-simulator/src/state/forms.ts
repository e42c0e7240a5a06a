import { z } from 'zod';

/** A Date, kept as ISO text. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** A bigint, kept as decimal text. */
export const wholeNumber = z.codec(z.string().regex(/^\d+$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (number) => number.toString(),
});

/** A Buffer, kept as base64. */
export const bytes = z.codec(z.base64(), z.instanceof(Buffer), {
  decode: (text) => Buffer.from(text, 'base64'),
  encode: (buffer) => buffer.toString('base64'),
});

/** A Set, kept as an array. */
export const setOf = <Item extends string>(item: z.ZodType<Item, Item>) =>
  z.codec(z.array(item), z.set(item), {
    decode: (items) => new Set(items),
    encode: (set) => [...set],
  });
