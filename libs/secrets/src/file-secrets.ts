import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { commitChange, readJournal, readThrough, settle, type Journal } from './change-journal.js';
import { hasCode, realDisk, unless, type Disk } from './disk.js';
import { withFolderLock } from './folder-lock.js';
import { isSecretKey, type SecretKey } from './secret-keys.js';
import { SecretsError } from './secrets-error.js';
import { SecretsProvider, type SecretStore } from './secrets-provider.js';

/**
 * Keeps secrets where the host does: `<basePath>/tenants/<tenantId>/<key>`, one file per value. The base path must
 * exist, because a volume that was not mounted looks just like it does not. What lies in the base path itself is
 * the host's own and never read. Files whose names begin with a dot are this service's: `.lock`, `.changes.json`.
 */
export function fileSecrets(basePath: string, disk: Disk = realDisk): SecretsProvider {
  return new SecretsProvider(new FileStore(basePath, disk));
}

const patienceForOthersMs = 10_000;
const mostRereadings = 100;

class FileStore implements SecretStore {
  readonly #basePath: string;
  readonly #disk: Disk;

  constructor(basePath: string, disk: Disk) {
    this.#basePath = basePath;
    this.#disk = disk;
  }

  async read(tenantId: string, keys: readonly SecretKey[]): Promise<ReadonlyMap<SecretKey, string>> {
    const folder = await this.#find(tenantId);
    if (!folder) return new Map();
    await this.#settleWhatWasLeft(tenantId, folder);
    for (let reading = 0; reading < mostRereadings; reading++) {
      const before = await journalOf(tenantId, folder);
      const values = new Map<SecretKey, string>();
      for (const key of keys) {
        const value = await valueOf(tenantId, folder, before, key);
        if (value !== undefined) values.set(key, value);
      }
      // Values of one moment: nothing was changed while they were read.
      if ((await journalOf(tenantId, folder))?.id === before?.id) return values;
    }
    throw new SecretsError({ code: 'secrets.busy', tenantId });
  }

  async change(tenantId: string, changes: ReadonlyMap<SecretKey, string | null>): Promise<void> {
    const deletesOnly = [...changes.values()].every((value) => value === null);
    if (deletesOnly && !(await this.#find(tenantId))) return;
    const folder = await this.#make(tenantId);
    const outcome = await withFolderLock(folder, patienceForOthersMs, async () => {
      await settle(this.#disk, folder, await journalOf(tenantId, folder));
      for (const key of changes.keys()) await valueOf(tenantId, folder, undefined, key);
      await commitChange(this.#disk, folder, changes);
      await settle(this.#disk, folder, await journalOf(tenantId, folder));
    });
    if (outcome === 'busy') throw new SecretsError({ code: 'secrets.busy', tenantId });
    if (outcome === 'unsafe')
      throw new SecretsError({ code: 'secrets.unsafe-path', tenantId, what: 'The lock' });
  }

  async list(tenantId: string): Promise<readonly SecretKey[]> {
    const folder = await this.#find(tenantId);
    if (!folder) return [];
    const pending = Object.keys((await journalOf(tenantId, folder))?.pending ?? {});
    const names = new Set([...(await readdir(folder)), ...pending].filter(isSecretKey));
    return [...(await this.read(tenantId, [...names])).keys()];
  }

  /** A process that died in the middle of a change has left it to whoever comes next. */
  async #settleWhatWasLeft(tenantId: string, folder: string): Promise<void> {
    if (!(await journalOf(tenantId, folder))?.pending) return;
    try {
      // When somebody holds the lock, the change is in good hands, and can be read through its journal.
      await withFolderLock(folder, 0, async () =>
        settle(this.#disk, folder, await journalOf(tenantId, folder)),
      );
    } catch (error) {
      if (!hasCode(error, 'EROFS', 'EACCES')) throw error;
    }
  }

  async #make(tenantId: string): Promise<string> {
    const base = await this.#base();
    const tenants = join(base, 'tenants');
    await this.#disk.makeFolder(tenants, base);
    await plainFolder(tenants, tenantId);
    await this.#disk.makeFolder(join(tenants, tenantId), tenants);
    const folder = await plainFolder(join(tenants, tenantId), tenantId);
    return folder!;
  }

  async #find(tenantId: string): Promise<string | undefined> {
    const tenants = await plainFolder(join(await this.#base(), 'tenants'), tenantId);
    return tenants && plainFolder(join(tenants, tenantId), tenantId);
  }

  async #base(): Promise<string> {
    const base = await realpath(this.#basePath).catch(unless('ENOENT'));
    if (!base) throw new SecretsError({ code: 'secrets.store-missing', path: this.#basePath });
    return base;
  }
}

/** The path, if a folder stands there under exactly this name; undefined if nothing does. */
async function plainFolder(path: string, tenantId: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(unless('ENOENT'));
  if (!stats) return undefined;
  // Where names are told apart without regard to case, the real path tells "Tenant" from "tenant".
  if (stats.isDirectory() && (await realpath(path)) === path) return path;
  throw new SecretsError({ code: 'secrets.unsafe-path', tenantId, what: 'The folder' });
}

async function journalOf(tenantId: string, folder: string): Promise<Journal | undefined> {
  const journal = await readJournal(folder);
  if (journal === 'unsafe')
    throw new SecretsError({ code: 'secrets.unsafe-path', tenantId, what: 'The journal' });
  return journal;
}

async function valueOf(
  tenantId: string,
  folder: string,
  journal: Journal | undefined,
  key: SecretKey,
): Promise<string | undefined> {
  const found = await readThrough(journal, folder, key);
  if (found === 'unsafe') throw new SecretsError({ code: 'secrets.unsafe-path', tenantId, what: key });
  // The host's editors end files with a line break, and an empty file is no value.
  return found === 'nothing' ? undefined : found.content.trim() || undefined;
}
