import { z } from 'zod';
import { instant, setOf } from '../state/forms.js';
import type { World } from '../world.js';

interface Consent {
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt?: Date;
}

export const savedConsent = z.object({
  sub: z.string(),
  projectId: z.string(),
  scopes: setOf(z.string()),
  expiresAt: instant.exactOptional(),
});
type SavedConsent = z.output<typeof savedConsent>;

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

  snapshot(): SavedConsent[] {
    return [...this.given].map(([key, { scopes, ...ending }]) => {
      const [sub = '', projectId = ''] = key.split('|');
      return { sub, projectId, scopes: new Set(scopes), ...ending };
    });
  }

  restore(saved: readonly SavedConsent[]): void {
    for (const { sub, projectId, ...consent } of saved) this.given.set(`${sub}|${projectId}`, consent);
  }
}
