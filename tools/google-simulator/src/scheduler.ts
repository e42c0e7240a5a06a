import type { MovableClock } from '#time/clock';

type Work = () => void | Promise<void>;
interface Appointment {
  readonly due: number;
  readonly order: number;
  readonly work: Work;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs work when the simulated clock reaches its instant, whether time passes or is moved there. Work due at once runs in order of its instant. */
export class Scheduler {
  private readonly appointments = new Set<Appointment>();
  private readonly stopListening: () => void;
  private timer: NodeJS.Timeout | undefined;
  private order = 0;
  private closed = false;

  constructor(private readonly clock: MovableClock) {
    this.stopListening = clock.onMoved(() => this.runDue());
  }

  /** Returns the function that cancels. Work that fails is lost: it must handle its own failures. */
  at(instant: Date, work: Work): () => void {
    if (this.closed) return () => {};
    const appointment = { due: instant.getTime(), order: this.order++, work };
    this.appointments.add(appointment);
    this.arm();
    return () => this.appointments.delete(appointment);
  }

  after(milliseconds: number, work: Work): () => void {
    return this.at(new Date(this.clock.now().getTime() + milliseconds), work);
  }

  close(): void {
    this.closed = true;
    this.stopListening();
    clearTimeout(this.timer);
    this.appointments.clear();
  }

  private earliest(): Appointment | undefined {
    let first: Appointment | undefined;
    for (const one of this.appointments) {
      if (!first || one.due < first.due || (one.due === first.due && one.order < first.order)) first = one;
    }
    return first;
  }

  private runDue(): void {
    for (let next = this.earliest(); next; next = this.earliest()) {
      if (next.due > this.clock.now().getTime()) break;
      this.appointments.delete(next);
      void run(next.work);
    }
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.earliest();
    if (!next || this.closed) return;
    const wait = Math.max(0, next.due - this.clock.now().getTime());
    this.timer = setTimeout(() => this.runDue(), Math.min(wait, LONGEST_TIMER_MS));
    this.timer.unref();
  }
}

async function run(work: Work): Promise<void> {
  try {
    await work();
  } catch {
    // Lost, as said at `at`.
  }
}
