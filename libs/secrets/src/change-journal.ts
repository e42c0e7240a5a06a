import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPlainFile, type Disk, type Found } from './disk.js';
import type { SecretKey } from './secret-keys.js';

const journalName = '.changes.json';
const temporary = /^\.(?:staged|journal)-/;

/**
 * The latest change of a tenant's folder. While it is pending, its new values stand in staged files, and it counts
 * as done: readers look there first, and whoever comes next moves them into place. Holds no value itself.
 */
export interface Journal {
  readonly id: string;
  /** By key: the staged file's name, or null for a value that is deleted. Null once everything is in place. */
  readonly pending: { readonly [key: string]: string | null } | null;
}

/** Undefined when nothing was ever changed here by this service. */
export async function readJournal(folder: string): Promise<Journal | undefined | 'unsafe'> {
  const found = await readPlainFile(join(folder, journalName));
  if (found === 'nothing') return undefined;
  return found === 'unsafe' ? found : (JSON.parse(found.content) as Journal);
}

/** As of the journal: the value that a key has, pending or in place. */
export async function readThrough(
  journal: Journal | undefined,
  folder: string,
  key: SecretKey,
): Promise<Found> {
  const staged = journal?.pending?.[key];
  if (staged === null) return 'nothing';
  const found = staged === undefined ? 'nothing' : await readPlainFile(join(folder, staged));
  // A staged file that is not there any more was moved into place meanwhile.
  return found === 'nothing' ? readPlainFile(join(folder, key)) : found;
}

/** Needs the folder's lock. The change has happened once its journal is in place; before that, nothing has. */
export async function commitChange(
  disk: Disk,
  folder: string,
  changes: ReadonlyMap<SecretKey, string | null>,
): Promise<void> {
  const id = randomUUID();
  const pending: Record<string, string | null> = {};
  for (const [key, value] of changes) {
    pending[key] = value === null ? null : `.staged-${id}-${key}`;
    if (value !== null) await disk.writeNewFile(join(folder, `.staged-${id}-${key}`), value);
  }
  await replaceJournal(disk, folder, { id, pending });
}

/** Needs the folder's lock. Puts into place what is pending, and clears away what a crash left behind. */
export async function settle(disk: Disk, folder: string, journal: Journal | undefined): Promise<void> {
  for (const [key, staged] of Object.entries(journal?.pending ?? {})) {
    if (staged === null) await disk.remove(join(folder, key));
    else if ((await readPlainFile(join(folder, staged))) !== 'nothing')
      await disk.rename(join(folder, staged), join(folder, key));
  }
  if (journal?.pending) {
    await disk.syncFolder(folder);
    await replaceJournal(disk, folder, { id: journal.id, pending: null });
  }
  for (const name of await readdir(folder)) if (temporary.test(name)) await disk.remove(join(folder, name));
}

async function replaceJournal(disk: Disk, folder: string, journal: Journal): Promise<void> {
  const name = join(folder, `.journal-${randomUUID()}`);
  await disk.writeNewFile(name, JSON.stringify(journal));
  await disk.rename(name, join(folder, journalName));
  await disk.syncFolder(folder);
}
