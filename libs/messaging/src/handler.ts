import type { RequestContract } from '#contracts/contract';
import type { CommandResult } from '#event-sourcing/handle-command';
import { type Rejection } from '#event-sourcing/decider';
import { isProblemCode, problem, type Problem } from '#problems/problem';
import { accepted, refused, type Origin, type Reply } from './envelope.js';

/** A request and what the service does about it. */
export interface Handler {
  contract: RequestContract;
  handle(data: unknown, origin: Origin): Promise<Reply<unknown>>;
}

/** One line of a service's routing table. */
export const answer = <Data, Answer>(
  contract: RequestContract<Data, Answer>,
  handle: (data: Data, origin: Origin) => Promise<Reply<Answer>>,
): Handler => ({
  contract: contract as RequestContract,
  handle: (data, origin) => handle(data as Data, origin),
});

/** A decider's refusal as the problem that the catalogue explains. */
export function problemOf({ code, ...details }: Rejection): Problem {
  if (!isProblemCode(code)) throw new Error(`The rejection "${code}" is not in the problem catalogue.`);
  const params = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, String(value)]));
  return problem(code, params);
}

/** The usual reply to a command that a decider handled. */
export const replyTo = <Event, Answer>(result: CommandResult<Event>, value: Answer): Reply<Answer> =>
  result.ok ? accepted(value) : refused(problemOf(result.rejection));
