import type { CommandOrigin } from '#event-sourcing/handle-command';
import type { RecordedEvent } from '#event-sourcing/event-store';
import type { Problem } from '#problems/problem';
import { randomUUID } from 'node:crypto';

/** A request as it travels over NATS. `data` follows the request's contract and holds no secret. */
export interface Envelope {
  /** The request's own id; what it causes carries it as causation. */
  id: string;
  tenantId: string;
  correlationId: string;
  /** Who, or which timer. */
  by: string;
  /** The service that asks. */
  from?: string;
  data: unknown;
}

/** Whom a request comes from. */
export type Origin = CommandOrigin & { from?: string };

/** Every request is answered with a value: what was asked for, or the problem. */
export type Reply<Answer> = { ok: true; value: Answer } | { ok: false; problem: Problem };

export const accepted = <Answer>(value: Answer): Reply<Answer> => ({ ok: true, value });
export const refused = <Answer = never>(problem: Problem): Reply<Answer> => ({ ok: false, problem });

/** The origin of what a reactor asks for because of an event: the event is the cause. */
export const becauseOf = (event: RecordedEvent, by: string): Origin => ({
  id: event.metadata.id,
  tenantId: event.metadata.tenantId,
  correlationId: event.metadata.correlationId,
  by,
});

/** The origin of something that begins here: a timer's work, or a person's request. */
export const beginning = (tenantId: string, by: string): Origin => {
  const id = randomUUID();
  return { id, tenantId, correlationId: id, by };
};
