import { readFileSync } from 'node:fs';

type Environment = Record<string, string | undefined>;

/** Settings that hold secrets. Each may be given as `<NAME>_FILE` instead: the file's name, as orchestrators hand secrets over. */
export const secretSettings = [
  'DATABASE_URL',
  'EVENTSTOREDB_URL',
  'NATS_PASSWORD',
  'AUTH_JWT_SECRET',
  'SECRETS_KEY_RING',
  'AUDIT_SIGNING_KEY',
] as const;

interface SettingsWithFiles {
  settings: Environment;
  faults: { setting: string; fault: string }[];
}

/** What is set and not empty; a secret's file in its place. One line break at the file's end is the editor's, not the secret's. */
export function withSecretFiles(env: Environment): SettingsWithFiles {
  const settings: Environment = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const faults: SettingsWithFiles['faults'] = [];
  for (const name of secretSettings) {
    const setting = `${name}_FILE`;
    const file = settings[setting];
    if (file === undefined) continue;
    if (settings[name] !== undefined) {
      faults.push({ setting, fault: `and ${name} are both set: leave one of them out` });
      continue;
    }
    try {
      const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      if (secret === '') faults.push({ setting, fault: 'names an empty file: write the secret into it' });
      else settings[name] = secret;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      faults.push({ setting, fault: `names a file that cannot be read (${code})` });
    }
  }
  return { settings, faults };
}
