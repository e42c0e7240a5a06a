/** `list`: what was given cannot be used, and nothing was written. `trouble`: it could not go on; what was written stays. */
export class CutoverError extends Error {
  override name = 'CutoverError';

  constructor(
    readonly kind: 'usage' | 'list' | 'trouble',
    message: string,
  ) {
    super(message);
  }
}
