import { parseArgs } from 'node:util';
import { readEmbeddedSettings } from '#configuration/configuration';
import { ServerStartError } from '#servers/child-server';
import { DataFolder } from './data-folder.js';
import { everything, mintToken } from './development-token.js';
import { sentenceOf } from './sentence-of.js';

const { values } = parseArgs({
  options: {
    tenant: { type: 'string', default: 'acme' },
    user: { type: 'string', default: 'admin' },
    permissions: { type: 'string', default: everything.join(',') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(
    'npm run token -- [--tenant acme] [--user admin] [--permissions system_settings:read,…]\n',
  );
} else {
  try {
    const folder = new DataFolder(readEmbeddedSettings().dataDir);
    if (!(await folder.running()))
      throw new ServerStartError(`Nothing runs on ${folder.path}. Start it with "npm start".`);
    const { jwtSecret } = await folder.secrets();
    const { tenant, user, permissions } = values;
    const token = await mintToken(jwtSecret, {
      tenant,
      user,
      permissions: permissions.split(',').filter(Boolean),
    });
    process.stdout.write(`${token}\n`);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  }
}
