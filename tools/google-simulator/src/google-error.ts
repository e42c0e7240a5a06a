import { ZodError } from 'zod';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export type CanonicalStatus =
  | 'INVALID_ARGUMENT'
  | 'FAILED_PRECONDITION'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'ABORTED'
  | 'ALREADY_EXISTS'
  | 'RESOURCE_EXHAUSTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED';

export interface GoogleErrorShape {
  /** HTTP status. */
  readonly code: number;
  readonly message: string;
  readonly status?: CanonicalStatus;
  /** Fills the `errors` list, which older APIs (Gmail, Calendar) have and Cloud APIs do not. */
  readonly reason?: string;
  /** Of the one entry in `errors`; `global` unless said. */
  readonly domain?: string;
  /** Message of the entry in `errors`, where Google words it differently. */
  readonly reasonMessage?: string;
  readonly location?: { readonly location: string; readonly locationType: string };
  readonly details?: readonly Record<string, unknown>[];
}

/** What a Google API refuses with; the server answers it in Google's error envelope. */
export class GoogleError extends Error {
  constructor(readonly shape: GoogleErrorShape) {
    super(shape.message);
  }

  body(): { error: Record<string, unknown> } {
    const { code, message, status, reason, domain = 'global', reasonMessage, location, details } = this.shape;
    return {
      error: {
        code,
        message,
        ...(reason && { errors: [{ message: reasonMessage ?? message, domain, reason, ...location }] }),
        ...(status && { status }),
        ...(details && { details }),
      },
    };
  }
}

/** What an OAuth endpoint refuses with: `{error, error_description}`. */
export class OAuthError extends Error {
  constructor(
    readonly code: number,
    readonly error: string,
    readonly description?: string,
    readonly extra: Record<string, string> = {},
  ) {
    super(description ?? error);
  }

  body(): Record<string, string> {
    return {
      error: this.error,
      ...(this.description && { error_description: this.description }),
      ...this.extra,
    };
  }
}

export function answerError(error: FastifyError | Error, _request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof OAuthError) return reply.code(error.code).send(error.body());
  if (error instanceof GoogleError) return reply.code(error.shape.code).send(error.body());
  if (error instanceof ZodError) return reply.code(400).send(badPayload(error).body());
  const code = 'statusCode' in error && error.statusCode ? error.statusCode : 500;
  const status: CanonicalStatus = code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
  return reply.code(code).send(new GoogleError({ code, message: error.message, status }).body());
}

function badPayload(error: ZodError): GoogleError {
  const message = `Invalid JSON payload received. ${error.issues.map((issue) => issue.message).join(' ')}`;
  return new GoogleError({ code: 400, message, status: 'INVALID_ARGUMENT' });
}
