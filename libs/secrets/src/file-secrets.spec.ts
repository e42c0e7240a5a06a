import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realDisk, type Disk } from './disk.js';
import { fileSecrets } from './file-secrets.js';
import { withFolderLock } from './folder-lock.js';
import { gmailAppKeys, type SecretKey } from './secret-keys.js';
import { errorOf, everythingShownBy, failureOf, secretsContract } from './secrets.contract.js';

const { clientId, clientSecret, projectId } = gmailAppKeys;
const makeBase = () => mkdtemp(join(tmpdir(), 'tenant-google-secrets-'));

secretsContract(
  "the host's file layout",
  async () => {
    const base = await makeBase();
    return {
      secrets: fileSecrets(base),
      reopen: async () => fileSecrets(base),
      close: () => rm(base, { recursive: true }),
    };
  },
  { outlivesTheProcess: true },
);

describe("secrets in the host's file layout", () => {
  let base: string;
  const at = (...path: string[]) => join(base, 'tenants', ...path);
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  const visibleNames = async (tenant: string) =>
    (await readdir(at(tenant))).filter((name) => !name.startsWith('.'));

  beforeEach(async () => {
    base = await makeBase();
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('are files of their own, named as the host names them, holding nothing but the value', async () => {
    await fileSecrets(base).changeTenantSecrets('t1', { [clientId]: 'id', [clientSecret]: 'secret' });
    expect(await visibleNames('t1')).toEqual([clientId, clientSecret]);
    expect(await readFile(at('t1', clientSecret), 'utf8')).toBe('secret');
  });

  it('are read as the host wrote them, line break and all, and an empty file is no value', async () => {
    await mkdir(at('t1'), { recursive: true });
    await writeFile(at('t1', clientId), 'id of the host\n');
    await writeFile(at('t1', clientSecret), '\n');
    expect(await fileSecrets(base).getTenantSecrets('t1', [clientId, clientSecret])).toEqual({
      [clientId]: 'id of the host',
    });
    expect(await fileSecrets(base).listTenantSecretKeys('t1')).toEqual([clientId]);
  });

  it('are told apart from whatever else the host keeps for a tenant', async () => {
    await fileSecrets(base).setTenantSecret('t1', clientId, 'id');
    await writeFile(at('t1', 'microsoft_client_secret'), 'theirs');
    await writeFile(at('t1', 'google_client_id.tmp-12ab'), 'half');
    expect(await fileSecrets(base).listTenantSecretKeys('t1')).toEqual([clientId]);
    await fileSecrets(base).setTenantSecret('t1', clientId, 'new');
    expect(await readFile(at('t1', 'microsoft_client_secret'), 'utf8')).toBe('theirs');
    expect(await readFile(at('t1', 'google_client_id.tmp-12ab'), 'utf8')).toBe('half');
  });

  it('never come from an app secret of the host', async () => {
    await writeFile(join(base, clientId), 'of the app');
    expect(await fileSecrets(base).getTenantSecret('t1', clientId)).toBeUndefined();
  });

  it('can be read and entered by their owner only, whatever stood there before', async () => {
    await mkdir(at('t1'), { recursive: true, mode: 0o755 });
    await chmod(at('t1'), 0o755);
    await writeFile(at('t1', clientId), 'old', { mode: 0o644 });
    await fileSecrets(base).changeTenantSecrets('t1', { [clientId]: 'new', [clientSecret]: 'secret' });
    expect([await modeOf(at()), await modeOf(at('t1'))]).toEqual(['700', '700']);
    const names = await readdir(at('t1'));
    expect(names).toEqual(expect.arrayContaining([clientId, clientSecret, '.lock', '.changes.json']));
    for (const name of names) expect([name, await modeOf(at('t1', name))]).toEqual([name, '600']);
  });

  it('are not looked for, nor put, where no volume is mounted', async () => {
    const secrets = fileSecrets(join(base, 'not-mounted'));
    expect((await failureOf(secrets.getTenantSecret('t1', clientId))).code).toBe('secrets.store-missing');
    expect((await failureOf(secrets.setTenantSecret('t1', clientId, 'v'))).code).toBe(
      'secrets.store-missing',
    );
    expect(await readdir(base)).toEqual([]);
  });

  it('may lie behind a base path that is a link', async () => {
    const link = `${base}-link`;
    await symlink(base, link);
    await fileSecrets(link).setTenantSecret('t1', clientId, 'id');
    await unlink(link);
    expect(await fileSecrets(base).getTenantSecret('t1', clientId)).toBe('id');
  });

  it('make no folder for a tenant of whom something is only deleted', async () => {
    await fileSecrets(base).deleteTenantSecret('t1', clientId);
    expect(await readdir(base)).toEqual([]);
  });

  describe('refuse', () => {
    const outcomes = async (tenant: string) => [
      (await failureOf(fileSecrets(base).getTenantSecret(tenant, clientId))).code,
      (await failureOf(fileSecrets(base).setTenantSecret(tenant, clientId, 'new'))).code,
    ];
    const unsafe = ['secrets.unsafe-path', 'secrets.unsafe-path'];

    it("a value that is a link to another tenant's, and leave that as it is", async () => {
      await fileSecrets(base).setTenantSecret('victim', clientId, 'theirs');
      await fileSecrets(base).setTenantSecret('thief', clientSecret, 'own');
      await symlink(at('victim', clientId), at('thief', clientId));
      expect(await outcomes('thief')).toEqual(unsafe);
      expect(await readFile(at('victim', clientId), 'utf8')).toBe('theirs');
    });

    it("a tenant's folder that is a link", async () => {
      await fileSecrets(base).setTenantSecret('victim', clientId, 'theirs');
      await symlink(at('victim'), at('thief'));
      expect(await outcomes('thief')).toEqual(unsafe);
    });

    it('a folder of tenants that is a link', async () => {
      await mkdir(join(base, 'elsewhere', 't1'), { recursive: true });
      await symlink(join(base, 'elsewhere'), at());
      expect(await outcomes('t1')).toEqual(unsafe);
      expect(await readdir(join(base, 'elsewhere', 't1'))).toEqual([]);
    });

    it('a value that is a folder', async () => {
      await mkdir(at('t1', clientId), { recursive: true });
      expect(await outcomes('t1')).toEqual(unsafe);
    });

    it('a lock that is a link, and make nothing where it leads', async () => {
      await mkdir(at('t1'), { recursive: true });
      await symlink(join(base, 'led-astray'), at('t1', '.lock'));
      const change = fileSecrets(base).setTenantSecret('t1', clientId, 'id');
      expect((await failureOf(change)).code).toBe('secrets.unsafe-path');
      expect(await readdir(base)).toEqual(['tenants']);
    });

    it('a journal that is a link', async () => {
      await fileSecrets(base).setTenantSecret('t1', clientId, 'id');
      await unlink(at('t1', '.changes.json'));
      await symlink(join(base, 'forged'), at('t1', '.changes.json'));
      expect(await outcomes('t1')).toEqual(unsafe);
    });
  });

  describe('after a crash at any step of a change', () => {
    const before = { [clientId]: 'id before', [projectId]: 'project before' };
    const after = { [clientId]: 'id after', [clientSecret]: 'secret after', [projectId]: null };
    const keys: SecretKey[] = [clientId, clientSecret, projectId];
    const seenBefore = before;
    const seenAfter = { [clientId]: 'id after', [clientSecret]: 'secret after' };

    const rawFiles = async () =>
      Object.fromEntries(
        await Promise.all(
          (await visibleNames('t1')).map(
            async (name) => [name, await readFile(at('t1', name), 'utf8')] as const,
          ),
        ),
      );

    /** Crashes at each step in turn, until the change gets through, and tells what each crash left. */
    async function crashEverywhere(examine: () => Promise<unknown>): Promise<unknown[]> {
      const seen: unknown[] = [];
      for (let steps = 0; ; steps++) {
        await rm(at(), { recursive: true, force: true });
        await fileSecrets(base).changeTenantSecrets('t1', before);
        const change = fileSecrets(base, diskThatDiesAfter(steps)).changeTenantSecrets('t1', after);
        const outcome = await change.then(
          () => 'done',
          (error: Error) => error.message,
        );
        seen.push(await examine());
        if (outcome === 'done') return seen;
        expect(outcome).toBe('crash');
      }
    }

    it('show all of it or none of it', async () => {
      const seen = await crashEverywhere(() => fileSecrets(base).getTenantSecrets('t1', keys));
      expect(seen.length).toBeGreaterThan(12);
      const turn = seen.findIndex((values) => JSON.stringify(values) !== JSON.stringify(seenBefore));
      expect(turn).toBeGreaterThan(3);
      expect(seen.slice(0, turn)).toEqual(Array(turn).fill(seenBefore));
      expect(seen.slice(turn)).toEqual(Array(seen.length - turn).fill(seenAfter));
      expect(seen.length - turn).toBeGreaterThan(3);
    });

    it('are in place for the host as soon as they were read here', async () => {
      const agreements = await crashEverywhere(async () => {
        const seen = await fileSecrets(base).getTenantSecrets('t1', keys);
        expect(await rawFiles()).toEqual(seen);
        expect(await fileSecrets(base).listTenantSecretKeys('t1')).toEqual(Object.keys(seen).sort());
      });
      expect(agreements.length).toBeGreaterThan(12);
    });

    it('can be read while the one who settles them is still at it', async () => {
      const seen = await crashEverywhere(async () => {
        const outcome = await withFolderLock(at('t1'), 0, () =>
          fileSecrets(base).getTenantSecrets('t1', keys),
        );
        return typeof outcome === 'string' ? outcome : outcome.done;
      });
      expect(seen.at(-1)).toEqual(seenAfter);
      for (const values of seen) expect([seenBefore, seenAfter]).toContainEqual(values);
    });

    it('are changed again without a trace of the crash', async () => {
      const leftovers = await crashEverywhere(async () => {
        await fileSecrets(base).changeTenantSecrets('t1', { [clientId]: 'next' });
        expect(await fileSecrets(base).getTenantSecret('t1', clientId)).toBe('next');
        return (await readdir(at('t1'))).filter((name) => name.startsWith('.')).sort();
      });
      for (const names of leftovers) expect(names).toEqual(['.changes.json', '.lock']);
    });

    it('appear in no error', async () => {
      const canaries = { [clientId]: 'CANARY-1', [clientSecret]: 'CANARY-2' };
      for (let steps = 0; steps < 12; steps++) {
        const change = fileSecrets(base, diskThatDiesAfter(steps)).changeTenantSecrets('t1', canaries);
        expect(everythingShownBy(await errorOf(change))).not.toContain('CANARY');
      }
    });
  });
});

/** Does as many steps as it is told; the next one fails, half done if it can be, and so does everything after it. */
function diskThatDiesAfter(steps: number): Disk {
  let left = steps;
  const step = async (perform: () => Promise<void>, half?: () => Promise<void>) => {
    if (left-- > 0) return perform();
    if (left === -1) await half?.();
    throw new Error('crash');
  };
  return {
    makeFolder: (path, parent) => step(() => realDisk.makeFolder(path, parent)),
    writeNewFile: (path, content) =>
      step(
        () => realDisk.writeNewFile(path, content),
        () => realDisk.writeNewFile(path, content.slice(0, content.length / 2)),
      ),
    rename: (from, to) => step(() => realDisk.rename(from, to)),
    remove: (path) => step(() => realDisk.remove(path)),
    syncFolder: (path) => step(() => realDisk.syncFolder(path)),
  };
}
