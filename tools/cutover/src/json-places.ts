/** A string, or one of the marks that make JSON's structure. */
const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

interface Level {
  kind: 'list' | 'object';
  /** Where in it the next value stands. */
  at: string | number;
  expectsKey: boolean;
}

/** The line on which each value of a JSON text begins, by its path such as `3.mailbox`. The text has to be JSON. */
export function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const levels: Level[] = [];
  let line = 1;
  let reached = 0;
  const lineAt = (index: number): number => {
    for (; reached < index; reached++) if (text[reached] === '\n') line++;
    return line;
  };
  const begins = (index: number): void => {
    const path = levels.map(({ at }) => at).join('.');
    if (!lines.has(path)) lines.set(path, lineAt(index));
  };
  for (const { 0: found, index } of text.matchAll(token)) {
    const level = levels.at(-1);
    if (found === '[' || found === '{') {
      begins(index);
      const kind = found === '[' ? 'list' : 'object';
      levels.push({ kind, at: kind === 'list' ? 0 : '', expectsKey: kind === 'object' });
    } else if (found === ']' || found === '}') levels.pop();
    else if (found === ',' && level) {
      if (level.kind === 'list') level.at = Number(level.at) + 1;
      else level.expectsKey = true;
    } else if (found === ':') continue;
    else if (level?.expectsKey) {
      level.at = JSON.parse(found) as string;
      level.expectsKey = false;
      // A field that should not be there is pointed at too.
      begins(index);
    } else begins(index);
  }
  return lines;
}
