import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { isMet, median, type Aim, type Finding, type Part } from './findings.js';

/** The machine and how busy it is, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg().map((figure) => figure.toFixed(1));
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory}, ${type()} ${release()}, Node ${process.versions.node}, load ${load.join(' ')}`;
}

const shown = (figure: number): string =>
  figure >= 1_000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(figure >= 100 ? 0 : 2);

const aimed = (aim: Aim | undefined): string =>
  !aim ? '' : 'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`;

function line(finding: Finding): string {
  const { what, unit, rounds, aim } = finding;
  const met = isMet(finding);
  const verdict = met === null ? '' : met ? 'met' : 'MISSED';
  const spread = rounds.length > 1 ? `${shown(Math.min(...rounds))} – ${shown(Math.max(...rounds))}` : '';
  return [
    `  ${what.padEnd(58)}`,
    `${shown(median(rounds))} ${unit}`.padStart(12),
    aimed(aim).padStart(8),
    verdict.padEnd(8),
    spread,
  ]
    .join('  ')
    .trimEnd();
}

/** Everything at a glance: medians of the rounds, the aims, and how far the rounds lay apart. */
export function table(parts: Part[], { begun, ended }: { begun: string; ended: string }): string {
  const head = `${''.padEnd(60)}  ${'median'.padStart(12)}  ${'aim'.padStart(8)}  ${''.padEnd(8)}  rounds`;
  const body = parts.flatMap(({ part, findings }) => ['', part, ...findings.map(line)]);
  return [head, ...body, '', `At the beginning: ${begun}`, `At the end:       ${ended}`, ''].join('\n');
}
