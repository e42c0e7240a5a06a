/** What the gateway says in the page itself. */
export interface Settings {
  /** Pages that may hand over a token: the installation's own origin, and the listed ones. */
  origins: string[];
  development: boolean;
}

export function readSettings(): Settings {
  const content = document.querySelector<HTMLMetaElement>('meta[name="settings"]')?.content ?? '{}';
  return { origins: [location.origin], development: false, ...(JSON.parse(content) as Partial<Settings>) };
}
