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
