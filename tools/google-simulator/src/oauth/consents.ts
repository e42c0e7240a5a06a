import type { World } from '../world.js';

interface Consent {
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt?: Date;
}

/** What users have granted to projects, whichever of a project's clients asked. */
export class Consents {
  private readonly given = new Map<string, Consent>();

  constructor(private readonly world: World) {}

  granted(sub: string, projectId: string): ReadonlySet<string> {
    const consent = this.given.get(`${sub}|${projectId}`);
    const alive = consent && !(consent.expiresAt && consent.expiresAt <= this.world.now());
    return alive ? consent.scopes : new Set();
  }

  /** Adds to what was granted before. */
  grant(sub: string, projectId: string, scopes: readonly string[], expiresAt: Date | undefined): void {
    this.given.set(`${sub}|${projectId}`, {
      scopes: new Set([...this.granted(sub, projectId), ...scopes]),
      ...(expiresAt && { expiresAt }),
    });
  }

  remove(sub: string, projectId: string): void {
    this.given.delete(`${sub}|${projectId}`);
  }
}
