import { join } from 'node:path';
import { welcome } from './welcome.js';

const shown = (path: string): string =>
  welcome(
    {
      gatewayUrl: 'http://localhost:3000',
      natsUrl: 'nats://127.0.0.1:1',
      postgresUrl: 'postgresql://postgres@127.0.0.1:2/postgres',
      simulator: { url: 'http://127.0.0.1:8085' },
      folder: { path },
    },
    {
      tenant: 'acme',
      mailbox: 'support@acme-helpdesk.com',
      tokenFile: join(path, 'token'),
      googleAppFile: join(path, 'acme-google-app.json'),
    },
    { readyInMs: 1_000 },
  );

describe('the first page that a newcomer reads', () => {
  it('names files as they are typed from here', () => {
    const text = shown(join(process.cwd(), '.data'));
    expect(text).toContain('Bearer $(cat .data/token)');
    expect(text).toContain('-d @.data/acme-google-app.json');
    expect(text).toContain('http://localhost:3000/console');
    expect(text).toContain('     npm run -s show:deliveries');
  });

  it('leads the tools to a data folder that lies elsewhere', () => {
    const text = shown('/var/lib/tenant-google');
    expect(text).toContain('Bearer $(cat /var/lib/tenant-google/token)');
    expect(text).toContain('DATA_DIR=/var/lib/tenant-google npm run -s show:deliveries');
    expect(text).toContain('DATA_DIR=/var/lib/tenant-google npm run -s token');
  });

  it('gives commands that a shell takes whole, also for a folder with blanks', () => {
    const text = shown("/srv/anna's data");
    expect(text).toContain(`cat '/srv/anna'\\''s data/token'`);
    expect(text).toContain(`DATA_DIR='/srv/anna'\\''s data' npm run -s show:deliveries`);
  });
});
