import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.js';

describe('the data folder', () => {
  let folder: DataFolder;
  beforeEach(async () => {
    folder = new DataFolder(await mkdtemp(join(tmpdir(), 'tenant-google-folder-')));
    await folder.claim();
  });
  afterEach(() => rm(folder.path, { recursive: true }));

  it('makes keys once and keeps them for its owner alone', async () => {
    const made = await folder.secrets();
    expect(await folder.secrets()).toEqual(made);
    expect(JSON.parse(await readFile(folder.within('keys.json'), 'utf8'))).toEqual(made);
  });

  it('adds the key that signs the history to keys that were made before there was one', async () => {
    const { signingKey, ...older } = await folder.secrets();
    await writeFile(folder.within('keys.json'), JSON.stringify(older));
    const completed = await folder.secrets();
    expect(completed).toMatchObject(older);
    expect(completed.signingKey).not.toBe(signingKey);
    expect(await folder.secrets()).toEqual(completed);
  });

  it('makes no new keys when the old ones are lost: what they sealed could not be read', async () => {
    await folder.secrets();
    await mkdir(folder.within('postgres'));
    await rm(folder.within('keys.json'));
    await expect(folder.secrets()).rejects.toThrow(/keys\.json is missing\. Restore it from a backup/);
  });

  it.each(['{', '{"keyRing":"k1:xx","jwtSecret":"00000000000000000000000000000000"}'])(
    'says that damaged keys are to be restored',
    async (content) => {
      await writeFile(folder.within('keys.json'), content);
      await expect(folder.secrets()).rejects.toThrow(/keys\.json is damaged\. Restore it from a backup/);
    },
  );

  it('knows the instance that announced itself until it withdraws', async () => {
    await folder.announce({ gateway: 'g', simulator: 's', nats: 'n', postgres: 'p' });
    expect(await folder.running()).toEqual({
      pid: process.pid,
      gateway: 'g',
      simulator: 's',
      nats: 'n',
      postgres: 'p',
    });
    await folder.withdraw();
    expect(await folder.running()).toBeUndefined();
  });
});
