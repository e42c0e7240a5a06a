import type { Finding, Unit } from './findings.js';

/** Takes one measurement and answers its figure. */
export type Measure = () => Promise<number>;

/**
 * All of them one after the other, round by round (A B A B …), so that whatever else the machine does hits each alike.
 * A first round only warms up.
 */
export async function alternately<Name extends string>(
  rounds: number,
  unit: Unit,
  measures: Record<Name, Measure>,
): Promise<Record<Name, Finding>> {
  const names = Object.keys(measures) as Name[];
  const findings = Object.fromEntries(
    names.map((what): [Name, Finding] => [what, { what, unit, rounds: [] }]),
  ) as Record<Name, Finding>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const figure = await measures[name]();
      if (round > 0) findings[name].rounds.push(figure);
    }
  }
  return findings;
}

/** How many a second. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return count / ((performance.now() - begun) / 1_000);
}
