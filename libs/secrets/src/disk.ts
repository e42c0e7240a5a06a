import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';

/** The changes that the file layout makes on a disk, each of which a crash may be the last before. */
export interface Disk {
  /** Makes a folder that only its owner may enter, lasting; it may exist already. */
  makeFolder(path: string, parent: string): Promise<void>;
  /** Writes a file that only its owner may read, lasting; refuses to overwrite. */
  writeNewFile(path: string, content: string): Promise<void>;
  /** Replaces `to`, at once for every reader. */
  rename(from: string, to: string): Promise<void>;
  /** Content when it is gone already. */
  remove(path: string): Promise<void>;
  /** Makes renames and removals in a folder lasting. */
  syncFolder(path: string): Promise<void>;
}

export const realDisk: Disk = {
  async makeFolder(path, parent) {
    await mkdir(path, { mode: 0o700 }).catch(unless('EEXIST'));
    // Neither an older, wider mode nor a narrower umask decides who may enter.
    if ((await lstat(path)).isDirectory()) await chmod(path, 0o700);
    await realDisk.syncFolder(parent);
  },
  async writeNewFile(path, content) {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    await using file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    await file.writeFile(content);
    await file.sync();
  },
  rename,
  async remove(path) {
    await rm(path, { force: true });
  },
  async syncFolder(path) {
    await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync();
  },
};

/** What stands where a plain file is expected. */
export type Found = { readonly content: string } | 'nothing' | 'unsafe';

/** Reads a plain file; a link, a folder or a pipe is unsafe, wherever it leads. */
export async function readPlainFile(path: string): Promise<Found> {
  let file: FileHandle;
  try {
    // Not blocking, because opening a pipe would wait for its other end.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'nothing';
    if (hasCode(error, 'ELOOP', 'ENXIO')) return 'unsafe';
    throw error;
  }
  await using opened = file;
  return (await opened.stat()).isFile() ? { content: await opened.readFile('utf8') } : 'unsafe';
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));

/** For `catch`: passes over one kind of error and rejects with any other. */
export function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!hasCode(error, code)) throw error;
    return undefined;
  };
}
