import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CutoverError } from './cutover-error.js';
import { linesOf } from './json-places.js';
import { faultsOf, legacyProvider, type Legacy, type LegacyProvider } from './legacy-provider.js';

/** Takes the whole list or nothing of it. @throws CutoverError naming line, field and remedy of everything that is wrong */
export async function readJsonList(file: string): Promise<Legacy> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CutoverError('list', `${file} cannot be read (${error.code}). Check the path.`);
  });
  const entries = listIn(text, file);
  const lines = linesOf(text);
  const faults: string[] = [];
  const complain = (index: number, field: string, fault: string): void => {
    const line = lines.get(`${index}.${field.split(', ')[0]}`) ?? lines.get(String(index)) ?? 1;
    faults.push(`  line ${line}: ${field} ${fault}.`);
  };
  const providers: LegacyProvider[] = [];
  const taken = new Map<string, number>();
  entries.forEach((entry, index) => {
    const parsed = legacyProvider.safeParse(entry);
    if (!parsed.success) {
      for (const { field, fault } of faultsOf(parsed.error)) complain(index, field, fault);
      return;
    }
    const provider = parsed.data;
    providers.push(provider);
    for (const [field, key] of namesOf(provider)) {
      const before = taken.get(key);
      if (before !== undefined)
        complain(index, field, `is the same as of the entry on line ${lines.get(String(before))}: keep one`);
      else taken.set(key, index);
    }
  });
  if (faults.length > 0)
    throw new CutoverError('list', [`${file} cannot be used, and nothing of it was:`, ...faults].join('\n'));
  return { providers, unusable: [], source: `the list ${basename(file)}` };
}

/** What no two entries may share. */
export function namesOf(provider: LegacyProvider): [field: string, key: string][] {
  const { tenantId, kind, id } = provider;
  return [
    ['id', JSON.stringify([tenantId, kind, id])],
    ...(kind === 'gmail'
      ? [['mailbox', JSON.stringify([tenantId, provider.mailbox.toLowerCase()])] as [string, string]]
      : []),
  ];
}

function listIn(text: string, file: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // The message may quote the text around the place: only the place is taken from it.
    const place = /line \d+ column \d+/.exec((error as Error).message)?.[0] ?? 'its end';
    throw new CutoverError('list', `${file} is not JSON: look at ${place}.`);
  }
  if (!Array.isArray(parsed))
    throw new CutoverError('list', `${file} has to be a list: [ { "kind": "gmail", … }, … ].`);
  return parsed;
}
