import { createContext, use } from 'react';
import { texts } from '../texts/texts.js';
import type { Session } from '../session/session.js';
import type { FieldError, Problem } from './answers.js';

/** What the gateway refused, with who must act and how. */
export class ApiProblem extends Error implements Problem {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
  readonly actor: Problem['actor'];
  readonly link: string | null;
  readonly errors: FieldError[];

  constructor(
    readonly status: number,
    problem: Partial<Problem> & { errors?: FieldError[] },
  ) {
    super(problem.sentence ?? texts.api.failed.sentence);
    this.code = problem.code ?? 'console.failed';
    this.sentence = problem.sentence ?? texts.api.failed.sentence;
    this.remedy = problem.remedy ?? texts.api.failed.remedy;
    this.actor = problem.actor ?? 'operator';
    this.link = problem.link ?? null;
    this.errors = problem.errors ?? [];
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The gateway, asked with the session's token. A token that it does not believe is replaced once. */
export class Api {
  private readonly root = new URL('../', document.baseURI);

  constructor(private readonly session: Session) {}

  async call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    const response = await this.fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new ApiProblem(response.status, (answer ?? {}) as Partial<Problem>);
    return answer as Answer;
  }

  /** @throws ApiProblem when nothing answers, or nobody is signed in. */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const url = new URL(path.replace(/^\//, ''), this.root);
    const send = (token: string | null): Promise<Response> =>
      fetch(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token ?? ''}` },
        credentials: 'omit',
        cache: 'no-store',
      }).catch((error: unknown) => {
        if (init.signal?.aborted) throw error;
        throw new ApiProblem(0, { code: 'console.unreachable', ...texts.api.unreachable });
      });
    const token = this.session.bearer();
    const response = await send(token);
    if (response.status !== 401) return response;
    const other = await this.session.replacement(token);
    return other ? send(other) : response;
  }
}

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = use(ApiContext);
  if (!api) throw new Error('There is no API around this part.');
  return api;
}
