import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ServerStartError } from './child-server.js';

const run = promisify(execFile);

async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function onPath(program: string): Promise<string | undefined> {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/bin',
    '/usr/bin',
  ];
  for (const folder of folders) {
    const candidate = join(folder, program);
    if (folder !== '' && (await executable(candidate))) return candidate;
  }
  return undefined;
}

/**
 * Path of a program: on the PATH, else unpacked earlier below `cacheDir`, else brought as Debian's package (installed as root,
 * or unpacked below `cacheDir` otherwise). `say` hears one sentence when something is installed.
 * @throws ServerStartError that names what to do when none of these works.
 */
export async function findOrInstall(
  program: string,
  debianPackage: string,
  options: { cacheDir: string; say: (sentence: string) => void; otherwise: string },
): Promise<string> {
  const cached = resolve(options.cacheDir, debianPackage, 'usr');
  const known = async (): Promise<string | undefined> => {
    const found = await onPath(program);
    if (found) return found;
    for (const folder of ['bin', 'sbin']) {
      if (await executable(join(cached, folder, program))) return join(cached, folder, program);
    }
    return undefined;
  };
  const present = await known();
  if (present) return present;
  options.say(`${program} is not on the PATH: bringing Debian's package ${debianPackage}.`);
  try {
    if (process.getuid?.() === 0) await install(debianPackage);
    else await unpack(debianPackage, resolve(options.cacheDir, debianPackage));
  } catch (error) {
    throw new ServerStartError(
      `${program} is missing and Debian's package ${debianPackage} could not be brought (${(error as Error).message.split('\n')[0]}). ${options.otherwise}`,
    );
  }
  const installed = await known();
  if (!installed)
    throw new ServerStartError(
      `Debian's package ${debianPackage} brought no ${program}. ${options.otherwise}`,
    );
  return installed;
}

async function install(debianPackage: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], {
    env,
    maxBuffer: 1 << 26,
  });
}

async function unpack(debianPackage: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('apt-get', ['download', debianPackage], { cwd: folder });
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get download left no ${debianPackage} archive`);
  await run('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
}
