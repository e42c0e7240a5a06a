import { collectDefaultMetrics, Gauge } from 'prom-client';
import { prefix, registry } from './meters.js';

/** Something that has to be so for a service to do its work. */
export interface Check {
  /** Null: it is so. Otherwise what is missing, in a sentence for an operator. No secret, nothing of a tenant. */
  find(): Promise<string | null>;
}

/** A number that is read when somebody asks for it. */
export interface GaugeSource {
  /** Without the prefix. */
  name: string;
  help: string;
  labels: string[];
  read(): Promise<{ labels?: Record<string, string>; value: number }[]>;
}

export interface WatchedService {
  name: string;
  checks: Check[];
  gauges: GaugeSource[];
  /** Worth knowing and nothing amiss: sentences. */
  notes(): Promise<string[]>;
}

export interface Readiness {
  ready: boolean;
  services: Record<string, { ready: boolean; missing: string[]; notes: string[] }>;
}

const starting = 'It is still starting: connections are opened and tables are migrated.';
const patienceMs = 3_000;
/** However many ask: what is read from the database is read this often. */
const freshForMs = 5_000;

/** What this process tells its operators of all services that run in it. */
export class OperatorBoard {
  private readonly entries = new Set<{ name: string; service: WatchedService | null }>();
  private readonly gauges = new Map<string, Gauge>();
  private text: { at: number; reading: Promise<string> } | undefined;
  readonly contentType = registry.contentType;

  constructor() {
    if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
  }

  /** A service that is about to start: not ready until it says so. Returns what it is called with then, and how it is taken off again. */
  announce(name: string): { started(service: WatchedService): void; ended(): void } {
    const entry: { name: string; service: WatchedService | null } = { name, service: null };
    this.entries.add(entry);
    return {
      started: (service) => void (entry.service = service),
      ended: () => void this.entries.delete(entry),
    };
  }

  async readiness(): Promise<Readiness> {
    const services = await Promise.all(
      [...this.entries].map(async ({ name, service }) => {
        const missing = service ? await findMissing(service) : [starting];
        const notes = service ? ((await inTime(service.notes())) ?? []) : [];
        return [name, { ready: missing.length === 0, missing, notes }] as const;
      }),
    );
    return {
      ready: services.length > 0 && services.every(([, { ready }]) => ready),
      services: Object.fromEntries(services),
    };
  }

  /** In Prometheus's text format. */
  metrics(): Promise<string> {
    if (!this.text || performance.now() - this.text.at > freshForMs)
      this.text = { at: performance.now(), reading: this.read() };
    return this.text.reading;
  }

  private async read(): Promise<string> {
    const running = [...this.entries].flatMap(({ service }) => service ?? []);
    const readings = await Promise.all(
      running.flatMap(({ name, gauges }) =>
        gauges.map(async (source) => ({ service: name, source, values: await inTime(source.read()) })),
      ),
    );
    for (const gauge of this.gauges.values()) gauge.reset();
    const unreadable = this.gaugeOf('unreadable_metrics', 'Metrics that could not be read in time', [
      'service',
    ]);
    for (const { name } of running) unreadable.set({ service: name }, 0);
    for (const { service, source, values } of readings) {
      const gauge = this.gaugeOf(source.name, source.help, source.labels);
      if (values === null) unreadable.inc({ service });
      for (const { labels = {}, value } of values ?? []) gauge.set({ service, ...labels }, value);
    }
    return registry.metrics();
  }

  private gaugeOf(name: string, help: string, labels: string[]): Gauge {
    const known = this.gauges.get(name);
    if (known) return known;
    // Another board of this process, as in tests, may have made it.
    registry.removeSingleMetric(`${prefix}${name}`);
    const labelNames = labels.includes('service') ? labels : ['service', ...labels];
    const gauge = new Gauge({ name: `${prefix}${name}`, help, labelNames, registers: [registry] });
    this.gauges.set(name, gauge);
    return gauge;
  }
}

async function findMissing({ checks }: WatchedService): Promise<string[]> {
  const found = await Promise.all(
    checks.map(async (check) => (await inTime(check.find().then((missing) => ({ missing }))))?.missing),
  );
  const missing = found.flatMap((one) => (one === undefined ? [tooLate] : (one ?? [])));
  return [...new Set(missing)];
}

const tooLate = 'Something that it depends on did not answer in time.';

/** Null: it did not come in time, or not at all. */
async function inTime<Value>(asked: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs);
  });
  return Promise.race([asked.catch(() => null), late]).finally(() => clearTimeout(timer));
}
