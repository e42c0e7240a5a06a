import { parseArgs } from 'node:util';
import { readEmbeddedSettings } from '#configuration/configuration';
import { DataFolder } from './data-folder.js';
import { everything, mintToken } from './development-token.js';

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
  const { jwtSecret } = await new DataFolder(readEmbeddedSettings().dataDir).secrets();
  const { tenant, user, permissions } = values;
  process.stdout.write(
    `${await mintToken(jwtSecret, { tenant, user, permissions: permissions.split(',').filter(Boolean) })}\n`,
  );
}
