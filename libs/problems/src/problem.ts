import { calendarProblems } from './calendar-problems.js';
import { gmailProblems } from './gmail-problems.js';
import { googleAppProblems } from './google-app-problems.js';
import { grantProblems } from './grant-problems.js';
import { pubsubProblems } from './pubsub-problems.js';
import { requestProblems } from './request-problems.js';

/** Whose move it is. `nobody`: the service tries again by itself. */
export type Actor = 'tenant-admin' | 'mailbox-owner' | 'workspace-admin' | 'operator' | 'caller' | 'nobody';

/**
 * What kind of trouble it is, and so what the service does about it.
 * `dead`: a grant that will not work again until somebody authorizes anew. `configuration`: somebody has to change a setting at Google or here.
 * `transient`: tried again with backoff. `refusal`: a request that cannot be done as it stands. `notice`: works, but somebody should know.
 */
export type ProblemKind = 'dead' | 'configuration' | 'transient' | 'refusal' | 'notice';

/** One entry of the catalogue. Texts may hold `{name}` placeholders, filled from a problem's parameters. */
export interface ProblemDefinition {
  /** One plain sentence for a person: what is wrong. */
  sentence: string;
  actor: Actor;
  /** What that actor does about it, exactly. */
  remedy: string;
  kind: ProblemKind;
  /** A page in Google's console or the documentation. May hold placeholders; left out when one of them is unknown. */
  link?: string;
  /** `inferred`: Google does not say why; this is the likeliest cause. */
  cause?: 'known' | 'inferred';
}

const catalogue = {
  ...requestProblems,
  ...googleAppProblems,
  ...grantProblems,
  ...pubsubProblems,
  ...gmailProblems,
  ...calendarProblems,
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
