import type { z } from 'zod';
import type { ProblemCode } from '#problems/problem';

export type ServiceName = 'gateway' | 'oauth' | 'gmail' | 'calendar' | 'maintenance';

/** A request that a service answers: `command` may change something, `query` never does. */
export interface RequestContract<Data = unknown, Answer = unknown> {
  kind: 'command' | 'query';
  service: ServiceName;
  /** The message's identity on the wire; never renamed. */
  type: string;
  /** NATS subject: `<kind>.<service>.<type>`. */
  subject: string;
  summary: string;
  data: z.ZodType<Data>;
  answer: z.ZodType<Answer>;
  /** The problems with which this very request may be refused, besides those of every request. */
  refusals: ProblemCode[];
}

interface RequestDetails<Data, Answer> {
  summary: string;
  data: z.ZodType<Data>;
  answer: z.ZodType<Answer>;
  refusals?: ProblemCode[];
}

const request =
  (kind: RequestContract['kind']) =>
  <Data, Answer>(
    service: ServiceName,
    type: string,
    { summary, data, answer, refusals = [] }: RequestDetails<Data, Answer>,
  ): RequestContract<Data, Answer> => ({
    kind,
    service,
    type,
    subject: `${kind}.${service}.${type}`,
    summary,
    data,
    answer,
    refusals,
  });

export const command = request('command');
export const query = request('query');

/** A fact of a stream category. Its data never holds a secret, a token or the content of a message. */
export interface EventContract<Type extends string = string, Data = unknown> {
  category: string;
  owner: ServiceName;
  type: Type;
  data: z.ZodType<Data>;
  /** The event in plain words, for the history that people read. */
  tell(data: Data): string;
  /** Of the shape of its data, from 1. Events of all versions are read for ever. */
  version: number;
  /** By version: how data of that version becomes data of the next. None where the next shape takes the former as it is. */
  upcasts: Record<number, Upcast>;
}

export type Upcast = (data: Record<string, unknown>) => Record<string, unknown>;

export const event = <Type extends string, Data>(
  owner: ServiceName,
  category: string,
  type: Type,
  data: z.ZodType<Data>,
  tell: (data: Data) => string,
  { version = 1, upcasts = {} }: { version?: number; upcasts?: Record<number, Upcast> } = {},
): EventContract<Type, Data> => ({ owner, category, type, data, tell, version, upcasts });

/** The union of events that a table of contracts describes, as deciders use it. */
export type EventOf<Contracts extends Record<string, { type: string; data: z.ZodType }>> = {
  [Name in keyof Contracts]: { type: Contracts[Name]['type']; data: z.infer<Contracts[Name]['data']> };
}[keyof Contracts];
