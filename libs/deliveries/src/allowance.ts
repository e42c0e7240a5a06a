/** A number of bytes that something may take up as JSON in UTF-8, escapes included. */
export class Allowance {
  constructor(private readonly bytes: number) {}

  fits(value: unknown): boolean {
    return jsonBytes(value) <= this.bytes;
  }

  /** The text, or as much of its beginning as fits; no character is torn. */
  beginningOf(text: string): string {
    if (this.fits(text)) return text;
    let kept = 0;
    let cut = Math.min(text.length, this.bytes);
    // Halving finds the longest beginning, because a longer text never has shorter JSON.
    while (kept < cut) {
      const middle = Math.ceil((kept + cut) / 2);
      if (this.fits(text.slice(0, middle).toWellFormed())) kept = middle;
      else cut = middle - 1;
    }
    const torn = /[\uD800-\uDBFF]$/.test(text.slice(0, kept));
    return text.slice(0, torn ? kept - 1 : kept);
  }

  /** The first of the items that fit together. */
  firstOf<Item>(items: Item[]): Item[] {
    let left = this.bytes;
    const end = items.findIndex((item) => (left -= jsonBytes(item) + 1) < 0);
    return end < 0 ? items : items.slice(0, end);
  }
}

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
