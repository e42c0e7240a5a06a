import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { seconds } from '#time/clock';

const patienceMs = seconds(1);

/** Waits a moment for a first message, and takes with it what else is there already: nothing waits for more to come. */
export async function messagesAtHand(consumer: Consumer, most: number): Promise<JsMsg[]> {
  const first = await consumer.next({ expires: patienceMs });
  if (!first) return [];
  const messages = [first];
  const others = Math.min(first.info.pending, most - 1);
  if (others > 0)
    for await (const message of await consumer.fetch({ max_messages: others, expires: patienceMs }))
      messages.push(message);
  return messages;
}
