import { jetstream, DeliverPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { DELIVERIES } from '#deliveries/streams';
import { natsServers } from '#messaging/nats-servers';

interface Shown {
  from?: { email?: string };
  subject?: string;
  attachments?: unknown[];
  problem?: { code?: string; sentence?: string };
  event?: { summary?: string };
}

/** What it is about, for whichever of the kinds of deliveries. */
function gist({ from, subject, attachments, problem, event }: Shown): string {
  if (problem) return `${problem.code}: ${problem.sentence}`;
  if (from) return `from ${from.email ?? '?'}: ${subject ?? ''}  (${attachments?.length ?? 0} attachments)`;
  return event?.summary ?? '';
}

/** Prints what is delivered to the host, from the beginning of what is kept, then as it comes, until the signal aborts. */
export async function showDeliveries(
  natsUrl: string,
  say: (line: string) => void,
  options: { follow: boolean; json: boolean; signal: AbortSignal },
): Promise<void> {
  const nats = await connect({ ...natsServers(natsUrl), name: 'show-deliveries' });
  try {
    const consumer = await jetstream(nats).consumers.get(DELIVERIES, { deliver_policy: DeliverPolicy.All });
    const { num_pending: kept } = await consumer.info();
    if (kept === 0)
      say(options.follow ? '(nothing was delivered yet; waiting)' : '(nothing was delivered yet)');
    if (kept === 0 && !options.follow) return;
    const messages = await consumer.consume();
    options.signal.addEventListener('abort', () => messages.stop());
    let seen = 0;
    for await (const message of messages) {
      const payload: Shown = message.json();
      say(
        options.json
          ? message.string()
          : `${new Date(message.timestamp).toISOString()}  ${message.subject}  ${gist(payload)}`,
      );
      if (++seen >= kept && !options.follow) break;
    }
  } finally {
    await nats.close();
  }
}
