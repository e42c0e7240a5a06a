import type { Span } from './observations.js';

/** Opens a span for what is new among `present`, and closes those of what is no longer there. */
export function note<Subject extends object>(
  spans: (Subject & Span)[],
  isConcerned: (one: Subject) => boolean,
  present: Subject[],
  at: number,
): void {
  const same = (one: Subject, other: Subject): boolean =>
    Object.entries(other).every(([field, value]) => one[field as keyof Subject] === value);
  for (const span of spans.filter((each) => each.until === null && isConcerned(each)))
    if (!present.some((each) => same(span, each))) span.until = at;
  for (const each of present)
    if (!spans.some((span) => span.until === null && same(span, each)))
      spans.push({ ...each, from: at, until: null });
}
