import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '#event-sourcing/event-store';

/** Turns events into rows. Rows and checkpoint move in one transaction. */
export interface Projection {
  kind: 'projection';
  /** `<service>.<file stem>`; the checkpoint hangs on it. */
  id: string;
  categories: string[];
  /** The tables that it alone fills; a rebuild empties them. Without the schema. */
  tables: string[];
  /** Columns of these tables that somebody else writes besides: no event says what is in them. By table. */
  columnsOfOthers?: Record<string, string[]>;
  /**
   * In order; may be given an event that was given before, so writes compare revisions. When it throws, all its writes
   * are rolled back, the events are given one by one, and the stream of the one that throws is parked.
   */
  project(events: RecordedEvent[], manager: EntityManager): Promise<void>;
}

/** `retry`: asked again for a while, then parked. `park`: nothing but a change elsewhere will help. */
export type Reaction = 'done' | { retry: string } | { park: string };

/** Turns events into commands or calls. At least once, in order within a stream. */
export interface Reactor {
  kind: 'reactor';
  /** `<service>.<file stem>`; the checkpoint hangs on it. */
  id: string;
  categories: string[];
  /** A throw counts as `retry`. */
  react(event: RecordedEvent): Promise<Reaction>;
}

export type Processor = Projection | Reactor;

export const projection = (definition: Omit<Projection, 'kind'>): Projection => ({
  kind: 'projection',
  ...definition,
});

export const reactor = (definition: Omit<Reactor, 'kind'>): Reactor => ({ kind: 'reactor', ...definition });

/** An event type that no one has told the processor about: never skipped, because nobody would notice. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';

  constructor(type: string) {
    super(
      `"${type}" is not an event type that this processor knows; handle it, or name it as one to pass over.`,
    );
  }
}

type ProjectOne = (event: RecordedEvent, manager: EntityManager) => Promise<unknown>;

/** A `project` from a table of event types; `'pass'` names a type that is known and of no interest. */
export function projectByType(table: Record<string, ProjectOne | 'pass'>): Projection['project'] {
  return async (events, manager) => {
    for (const event of events) {
      const project = entry(table, event.type);
      if (project !== 'pass') await project(event, manager);
    }
  };
}

/** A `react` from a table of event types; `'pass'` names a type that is known and of no interest. */
export function reactByType(table: Record<string, Reactor['react'] | 'pass'>): Reactor['react'] {
  return async (event) => {
    if (!Object.hasOwn(table, event.type)) return { park: new UnknownEventType(event.type).message };
    const react = entry(table, event.type);
    return react === 'pass' ? 'done' : await react(event);
  };
}

function entry<Handler>(table: Record<string, Handler>, type: string): Handler {
  const found = Object.hasOwn(table, type) ? table[type] : undefined;
  if (found === undefined) throw new UnknownEventType(type);
  return found;
}
