import { chmod, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { unless } from './disk.js';

const lockFileName = '.lock';

// Node offers no file lock. SQLite does, over an empty database: the system gives it back when the process dies,
// and containers that share a volume see each other's, which process ids in a file could not do.
const sqliteBusy = 5;

/**
 * Runs the work while no other process or caller holds the folder's lock. 'busy' when it is held for too long,
 * 'unsafe' when a link stands in its place.
 */
export async function withFolderLock<T>(
  folder: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | 'busy' | 'unsafe'> {
  const path = join(folder, lockFileName);
  if ((await lstat(path).catch(unless('ENOENT')))?.isFile() === false) return 'unsafe';
  // Only SQLite may open this file: closing any other handle on it would give the process's lock away.
  using lock = new DatabaseSync(path, { timeout: 0 });
  await chmod(path, 0o600);
  const patience = AbortSignal.timeout(patienceMs);
  while (!takes(lock)) {
    if (patienceMs === 0 || patience.aborted) return 'busy';
    await pause(2 + Math.random() * 8);
  }
  return { done: await work() };
}

function takes(lock: DatabaseSync): boolean {
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteBusy)
      return false;
    throw error;
  }
}
