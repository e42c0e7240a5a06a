import { kindOf } from './fault-kinds.js';
import { momentOf, type Row } from './verdict.js';

const headings = ['fault', 'whom', 'planned', 'expected', 'within', 'seen after', 'over after its end', ''];

/**
 * Planned against seen, as Markdown. The first five columns and the last one are the same for the same seed; the two of what was measured differ
 * by what the machine took and by how often somebody looked.
 */
export function tableOf(rows: Row[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head, ...body] = cells.map(line);
  return [head, rule, ...body].join('\n');
}

const cellsOf = ({ fault, expected, seenAfter, clearedAfter, wrong }: Row): string[] => {
  const { title, within } = kindOf(fault.kind);
  return [
    title,
    fault.whom,
    momentOf(fault.at),
    expected,
    lasting(within),
    seenAfter === null ? 'never' : lasting(seenAfter),
    clearedAfter === null ? 'never' : lasting(clearedAfter),
    wrong.length === 0 ? '✓' : '✗',
  ];
};

/** `45 min`, `1 h 15 min` */
export function lasting(minutes: number): string {
  const whole = Math.round(minutes);
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 || hours === 0 ? [`${rest} min`] : [])].join(
    ' ',
  );
}
