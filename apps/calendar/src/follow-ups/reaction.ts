import type { Reply } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import type { Reaction } from '#processors/processor';

/**
 * What a reply means for the reactor that asked. A problem inside an answer is recorded by whoever answered and has its own next
 * attempt; a refusal says that things moved on; only what nobody recorded is asked again.
 */
export function reactionTo(reply: Reply<unknown>): Reaction {
  if (reply.ok) return 'done';
  const { code } = reply.problem;
  const { kind } = definitionOf(code);
  if (kind === 'transient') return { retry: code };
  return kind === 'refusal' ? 'done' : { park: code };
}
