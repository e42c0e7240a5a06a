import type { ApiFailure } from './api-failure.js';

/** Milliseconds that Google asks to wait, by header (seconds or a date) or in its sentence; null when it does not say. */
export function askedToWait({ message, retryAfter }: ApiFailure, now: Date): number | null {
  const told = /retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)/i.exec(message)?.[1] ?? retryAfter;
  if (!told) return null;
  if (/^\d+$/.test(told.trim())) return Number(told) * 1_000;
  const until = Date.parse(told);
  return Number.isNaN(until) ? null : Math.max(0, until - now.getTime());
}
