import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from './event-store.js';

/** What is known of the shapes of events, old and new. */
export interface EventVersions {
  /** The present version of the shape; 1 for an event that is not known. */
  present(stream: string, type: string): number;
  /** Data of an earlier version in the present shape; that of a later version as it is. */
  upcast(stream: string, type: string, data: Record<string, unknown>, from: number): Record<string, unknown>;
}

/**
 * Any event store, with the version of each event's shape in its metadata, so that whoever reads sees every event in the present shape, however old it is. Version 1 is
 * not written down.
 */
export class VersionedEventStore implements EventStore {
  constructor(
    private readonly kept: EventStore,
    private readonly versions: EventVersions,
  ) {}

  append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    const versioned = events.map((event) => {
      const version = this.versions.present(stream, event.type);
      return version === 1 ? event : { ...event, metadata: { ...event.metadata, version } };
    });
    return this.kept.append(stream, versioned, expected);
  }

  async readStream(
    stream: string,
    options?: { fromRevision?: number; limit?: number },
  ): Promise<RecordedEvent[]> {
    return (await this.kept.readStream(stream, options)).map((event) => this.inPresentShape(event));
  }

  async readAll(options: Parameters<EventStore['readAll']>[0]): Promise<RecordedEvent[]> {
    return (await this.kept.readAll(options)).map((event) => this.inPresentShape(event));
  }

  async *subscribe(options: Parameters<EventStore['subscribe']>[0]): AsyncGenerator<RecordedEvent[]> {
    for await (const batch of this.kept.subscribe(options))
      yield batch.map((event) => this.inPresentShape(event));
  }

  settled(): Promise<void> {
    return this.kept.settled();
  }

  close(): Promise<void> {
    return this.kept.close();
  }

  private inPresentShape(event: RecordedEvent): RecordedEvent {
    const { version = 1, ...metadata } = event.metadata;
    const { stream, type, data } = event;
    return { ...event, metadata, data: this.versions.upcast(stream, type, data, version) };
  }
}
