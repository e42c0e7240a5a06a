import type { PlannedFault } from './plan.js';

/** A time during which something could be seen; open as long as it lasts. All in minutes since the days began. */
export interface Span {
  from: number;
  until: number | null;
}

/** A cause that a status named, as its problem or as a notice. */
export interface Sighting extends Span {
  name: string;
  code: string;
}

/** A status that was another one than `connected`. */
export interface Disconnection extends Span {
  name: string;
  status: string;
}

/** Google had no living watch or channel. */
export interface Lapse extends Span {
  name: string;
}

/** An event of a history. */
export interface Told {
  name: string;
  type: string;
  at: number;
  sentence: string;
}

/** A problem that was delivered to the PSA as raised or as over. */
export interface Delivered {
  name: string;
  code: string;
  /** A problem that becomes another severity is raised anew. */
  severity: 'error' | 'warning';
  problemId: string;
  change: 'raised' | 'cleared';
  at: number;
}

/** A mail or a change, and when it was found with the PSA. */
export interface Sent {
  name: string;
  at: number;
  deliveredAt: number | null;
}

/** What was seen of the days by somebody who looked from outside. */
export interface Observations {
  sightings: Sighting[];
  disconnections: Disconnection[];
  lapses: Lapse[];
  told: Told[];
  sent: Sent[];
  delivered: Delivered[];
  /** When faults really began and ended: as planned, but for the seconds that the machine took. */
  played: Map<PlannedFault, Span>;
}

export const nothingYet = (): Observations => ({
  sightings: [],
  disconnections: [],
  lapses: [],
  told: [],
  sent: [],
  delivered: [],
  played: new Map(),
});
