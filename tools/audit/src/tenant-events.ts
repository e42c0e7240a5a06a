import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { CommandError } from '../../operator/src/whereabouts.js';

const pageSize = 1_000;

/** Every event of a tenant as the store gives it, oldest first. Reads past those of all others: no read model stands in between. */
export async function* eventsOf(store: EventStore, tenantId: string): AsyncGenerator<RecordedEvent> {
  for await (const event of allEvents(store))
    if (parseStreamName(event.stream).tenantId === tenantId) yield event;
}

async function* allEvents(store: EventStore): AsyncGenerator<RecordedEvent> {
  for (let after: string | null = null; ;) {
    const page: RecordedEvent[] = await store.readAll({ after, limit: pageSize });
    if (page.length === 0) return;
    yield* page;
    after = page.at(-1)!.position;
  }
}

export interface Whose {
  tenant?: string | undefined;
  provider?: string | undefined;
}

/** The tenant that was named, or the one whose provider was. @throws CommandError */
export async function tenantOf(store: EventStore, { tenant, provider }: Whose): Promise<string> {
  if (tenant !== undefined) return tenant;
  if (provider === undefined) throw new CommandError('Whose? Give --tenant T or --provider P.');
  const found = new Set<string>();
  for await (const { stream } of allEvents(store)) {
    const { tenantId, id } = parseStreamName(stream);
    if (id === provider) found.add(tenantId);
  }
  const [only, another] = found;
  if (only === undefined) throw new CommandError(`There never was a provider ${provider}.`);
  if (another !== undefined)
    throw new CommandError(
      `A provider ${provider} is there in several tenants (${[...found].join(', ')}): give --tenant, too.`,
    );
  return only;
}
