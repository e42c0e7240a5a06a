/** Splits `name:verb`, the form of Google's custom methods; resource ids hold no colon. */
export function verbCall(segment: string): { resource: string; verb: string | undefined } {
  const colon = segment.lastIndexOf(':');
  return colon < 0
    ? { resource: segment, verb: undefined }
    : { resource: segment.slice(0, colon), verb: segment.slice(colon + 1) };
}
