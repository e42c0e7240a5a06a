import { calendarProblems } from './calendar-problems.js';
import { doctorProblems } from './doctor-problems.js';
import { gmailProblems } from './gmail-problems.js';
import { googleAppProblems } from './google-app-problems.js';
import { grantProblems } from './grant-problems.js';
import type { Actor, ProblemDefinition, ProblemKind } from './problem-definition.js';
import { pubsubProblems } from './pubsub-problems.js';
import { requestProblems } from './request-problems.js';

const catalogue = {
  ...requestProblems,
  ...googleAppProblems,
  ...grantProblems,
  ...pubsubProblems,
  ...gmailProblems,
  ...calendarProblems,
  ...doctorProblems,
} satisfies Record<string, ProblemDefinition>;

export type ProblemCode = keyof typeof catalogue;

/** A problem as it stands in an event or travels in a reply: its code and what fills the placeholders. Never a secret. */
export interface Problem {
  code: ProblemCode;
  params?: Record<string, string> | undefined;
}

/** A problem as a person reads it. */
export interface DescribedProblem {
  code: ProblemCode;
  sentence: string;
  actor: Actor;
  remedy: string;
  kind: ProblemKind;
  cause: 'known' | 'inferred';
  link?: string;
}

export const problem = (code: ProblemCode, params?: Record<string, string>): Problem =>
  params ? { code, params } : { code };

export const problemCodes = Object.keys(catalogue) as [ProblemCode, ...ProblemCode[]];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(catalogue, code);

export const definitionOf = (code: ProblemCode): ProblemDefinition => catalogue[code];

const placeholder = /\{(\w+)\}/g;

const fill = (text: string, params: Record<string, string>): string =>
  text.replace(placeholder, (_, name: string) => params[name] ?? '(unknown)');

/** The catalogue's texts with the problem's own parameters in them. */
export function describeProblem({ code, params = {} }: Problem): DescribedProblem {
  const { sentence, actor, remedy, kind, link, cause } = definitionOf(code);
  const linkIsComplete =
    link !== undefined && [...link.matchAll(placeholder)].every(([, name]) => params[name!]);
  return {
    code,
    sentence: fill(sentence, params),
    actor,
    remedy: fill(remedy, params),
    kind,
    cause: cause ?? 'known',
    ...(linkIsComplete ? { link: fill(link, params) } : {}),
  };
}
