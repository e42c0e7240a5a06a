import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface ConsoleFile {
  mediaType: string;
  /** As built, and as the build compressed it. */
  content: Buffer;
  brotli: Buffer | undefined;
}

export interface ConsoleFiles {
  /** With a place for the base address, the settings and the nonce. */
  page: string;
  /** By name. Each name holds a hash of the content, so a file never changes. */
  assets: Map<string, ConsoleFile>;
}

const mediaTypes: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the build made, read once: a few files, and no request names a path on the disk. Null: it was not built. */
export async function readConsoleFiles(folder: string): Promise<ConsoleFiles | null> {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => null);
  if (page === null) return null;
  const within = join(folder, 'assets');
  const names = await readdir(within);
  const assets = new Map<string, ConsoleFile>();
  for (const name of names) {
    const mediaType = mediaTypes[extname(name)];
    if (!mediaType) continue;
    const brotli = names.includes(`${name}.br`) ? await readFile(join(within, `${name}.br`)) : undefined;
    assets.set(name, { mediaType, content: await readFile(join(within, name)), brotli });
  }
  return { page, assets };
}
