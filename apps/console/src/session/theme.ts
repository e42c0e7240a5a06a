/** What a host may set, each a CSS variable of styles/theme.css. */
const variables = {
  accent: { name: '--tg-accent', property: 'color' },
  accentText: { name: '--tg-accent-text', property: 'color' },
  background: { name: '--tg-background', property: 'color' },
  surface: { name: '--tg-surface', property: 'color' },
  text: { name: '--tg-text', property: 'color' },
  border: { name: '--tg-border', property: 'color' },
  radius: { name: '--tg-radius', property: 'border-radius' },
  font: { name: '--tg-font', property: 'font-family' },
} as const;

export type Theme = Partial<Record<keyof typeof variables, string>> & { scheme?: 'light' | 'dark' };

/** Only what the variable may hold is taken: a colour, a length, a font; never an address that would be loaded. */
export function applyTheme(theme: Theme): void {
  const { style, dataset } = document.documentElement;
  for (const [key, { name, property }] of Object.entries(variables)) {
    const value = theme[key as keyof typeof variables];
    if (typeof value === 'string' && !/url\s*\(/i.test(value) && CSS.supports(property, value))
      style.setProperty(name, value);
  }
  if (theme.scheme === 'light' || theme.scheme === 'dark') dataset['scheme'] = theme.scheme;
}
