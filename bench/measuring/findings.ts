/** What a figure has to be for the aim to be met. */
export type Aim = { atLeast: number } | { atMost: number };

export type Unit = '×' | '/s' | 'ms' | 'µs' | 's' | 'MiB';

/** One measured thing; `rounds` are its figures, one a round. */
export interface Finding {
  what: string;
  unit: Unit;
  rounds: number[];
  aim?: Aim;
}

/** What one part of the benchmark found. */
export interface Part {
  part: string;
  findings: Finding[];
}

export const median = (figures: number[]): number => {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** @param share such as 0.99 */
export const percentile = (figures: number[], share: number): number => {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
};

/** Ours over the peer's, round by round: both figures of a pair come from the same moments, so other load hits both. */
export const ratio = (what: string, ours: Finding, theirs: Finding, aim?: Aim): Finding => ({
  what,
  unit: '×',
  rounds: ours.rounds.map((figure, round) => figure / theirs.rounds[round]!),
  ...(aim ? { aim } : {}),
});

export const isMet = ({ rounds, aim }: Finding): boolean | null => {
  if (!aim) return null;
  const seen = median(rounds);
  return 'atLeast' in aim ? seen >= aim.atLeast : seen <= aim.atMost;
};
