import { createHash } from 'node:crypto';

export interface CodeChallenge {
  readonly challenge: string;
  readonly method: 'S256' | 'plain';
}

/** What is wrong with a verifier, in Google's words, or undefined when it fits. */
export function verifierProblem(challenge: CodeChallenge | undefined, verifier: string | null) {
  if (!challenge) return verifier === null ? undefined : 'code_verifier or verifier is not needed.';
  if (verifier === null) return 'Missing code verifier.';
  const derived =
    challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return derived === challenge.challenge ? undefined : 'Invalid code verifier.';
}
