import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import type { EventStore, Position, RecordedEvent } from '#event-sourcing/event-store';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import type { Replayable } from './projections.js';

const pageSize = 500;

/** An event that the projection does not take: what is served has it parked. */
export class NotProjectable extends Error {
  override name = 'NotProjectable';

  constructor({ type, stream, revision }: RecordedEvent, projection: string, reason: unknown) {
    super(
      `${projection} does not take ${type} (${stream} at ${revision}): ${reason instanceof Error ? reason.message : String(reason)}`,
    );
  }
}

/** The tables of a projection once more, in a schema of their own, filled from the events. */
export class Shadow {
  /** Up to where events were taken. */
  position: Position | null = null;
  events = 0;

  private constructor(
    private readonly replayable: Replayable,
    readonly schema: string,
    private readonly database: DataSource,
    private readonly store: EventStore,
  ) {}

  static async open(
    replayable: Replayable,
    means: { databaseUrl: string; store: EventStore },
  ): Promise<Shadow> {
    const { service, projection } = replayable;
    const schema = `replay_${projection.id.replaceAll(/[.-]/g, '_')}`;
    const open = (): Promise<DataSource> =>
      openDatabase({
        url: means.databaseUrl,
        schema,
        entities: service.entities,
        migrations: [ProcessorTables1760000000000, ...service.migrations],
        poolSize: 2,
      });
    const left = await open();
    // A former run may have been cut off.
    await left.query(`DROP SCHEMA ${schema} CASCADE`);
    await left.destroy();
    return new Shadow(replayable, schema, await open(), means.store);
  }

  /**
   * Takes every event of the projection's categories up to a position at which the projection that serves stood: never beyond it, because of two
   * positions nobody can say which is the later. @throws NotProjectable
   */
  async follow(upTo: Position | null, onEvents: (events: RecordedEvent[]) => void = () => {}): Promise<void> {
    const { projection } = this.replayable;
    while (this.position !== upTo) {
      const page = await this.store.readAll({
        after: this.position,
        categories: projection.categories,
        limit: pageSize,
      });
      const end = page.findIndex(({ position }) => position === upTo);
      const events = end < 0 ? page : page.slice(0, end + 1);
      if (events.length === 0)
        throw new Error(`${projection.id} stands at ${upTo}, which is no position in this event store.`);
      await this.project(events);
      this.position = events.at(-1)!.position;
      this.events += events.length;
      onEvents(events);
    }
  }

  async drop(): Promise<void> {
    await this.database.query(`DROP SCHEMA IF EXISTS ${this.schema} CASCADE`);
    await this.database.destroy();
  }

  private async project(events: RecordedEvent[]): Promise<void> {
    const { projection } = this.replayable;
    try {
      await this.database.transaction((manager) => projection.project(events, manager));
    } catch (error) {
      for (const event of events)
        await this.database
          .transaction((manager) => projection.project([event], manager))
          .catch((reason: unknown) => {
            throw new NotProjectable(event, projection.id, reason);
          });
      throw error;
    }
  }
}
