import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GoogleError } from '../google-error.js';

/** @throws GoogleError 400 that says what does not fit. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  request: FastifyRequest,
): z.output<Schema> {
  const parsed = schema.safeParse(request.body ?? {});
  if (parsed.success) return parsed.data;
  throw new GoogleError({ code: 400, message: z.prettifyError(parsed.error), status: 'INVALID_ARGUMENT' });
}

/** @throws GoogleError 404 when nothing was found. */
export function found<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing !== undefined) return thing;
  throw new GoogleError({ code: 404, message: `No such ${what}.`, status: 'NOT_FOUND' });
}
