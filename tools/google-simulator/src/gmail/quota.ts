/** Quota units per call, as for projects made since May 2026. */
export const quotaUnits = {
  getProfile: 1,
  'labels.list': 1,
  'labels.get': 1,
  'history.list': 2,
  'messages.list': 5,
  'messages.modify': 5,
  'messages.get': 20,
  'attachments.get': 20,
  watch: 100,
  stop: 50,
} as const;

export type MeteredMethod = keyof typeof quotaUnits;

const MINUTE_MS = 60_000;

/** Counts units per key over the last minute of the simulated clock. A refused call costs nothing. */
export class QuotaMeter {
  private readonly spent = new Map<string, { at: number; units: number }[]>();

  /** Undefined when the units were granted, else the instant from which the same call would pass. */
  spend(key: string, units: number, limit: number, now: Date): Date | undefined {
    const present = now.getTime();
    const recent = (this.spent.get(key) ?? []).filter((one) => one.at > present - MINUTE_MS);
    this.spent.set(key, recent);
    let excess = recent.reduce((sum, one) => sum + one.units, units) - limit;
    if (excess <= 0) {
      recent.push({ at: present, units });
      return undefined;
    }
    for (const one of recent) {
      excess -= one.units;
      if (excess <= 0) return new Date(one.at + MINUTE_MS);
    }
    return new Date(present + MINUTE_MS);
  }
}
