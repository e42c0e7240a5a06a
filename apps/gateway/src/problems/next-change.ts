import { endsSoonMoments } from '../status/deadlines.js';
import type { ProviderView } from './problems-to-tell.js';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** A provider with very many calendars is looked at once more rather than computed far ahead. */
const momentsAhead = 100;

/**
 * When the same facets will show something else, by the clock alone; null: never. Tried at every moment at which one of the times in the facets is
 * as old, or as near, as one of the spans that verdicts compare with, or a watch or channel has little left.
 */
export function nextChange(
  facets: unknown,
  spans: number[],
  now: Date,
  viewAt: (at: Date) => ProviderView,
): Date | null {
  const times = timesIn(facets);
  const moments = new Set([
    ...times.flatMap((time) => spans.map((span) => time + span)),
    ...endsSoonMoments(facets),
  ]);
  const ahead = [...moments].filter((moment) => moment > now.getTime()).sort((a, b) => a - b);
  const present = keyOf(viewAt(now));
  for (const moment of ahead.slice(0, momentsAhead)) {
    const at = new Date(moment);
    if (keyOf(viewAt(at)) !== present) return at;
  }
  return ahead.length > momentsAhead ? new Date(ahead[momentsAhead]!) : null;
}

const keyOf = ({ status, problems }: ProviderView): string =>
  JSON.stringify([
    status,
    problems.map(({ calendarId, severity, problem }) => [calendarId, severity, problem.code]),
  ]);

function timesIn(value: unknown): number[] {
  if (typeof value === 'string') return instant.test(value) ? [Date.parse(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(timesIn);
}
