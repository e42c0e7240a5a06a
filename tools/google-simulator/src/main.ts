import { startSimulator } from './server.js';

const DEFAULT_PORT = 8085;

const port = Number(process.env['PORT'] ?? DEFAULT_PORT);
const google = await startSimulator({ port, host: process.env['HOST'] ?? '127.0.0.1' }).catch(
  (error: NodeJS.ErrnoException) => {
    const remedy = error.code === 'EADDRINUSE' ? ' Set PORT to a free one.' : '';
    process.stderr.write(`The simulator cannot listen on port ${port}: ${error.message}.${remedy}\n`);
    process.exit(1);
  },
);
process.stdout.write(`Google is simulated at ${google.url}

  Look around             ${google.url}/simulator
  Use as the base URL of  accounts.google.com, oauth2.googleapis.com, openidconnect.googleapis.com,
                          www.googleapis.com, gmail.googleapis.com, pubsub.googleapis.com
  Next                    seed a project and a user: see tools/google-simulator/README.md

Everything is kept in memory and gone when this stops. Stop it with Ctrl+C.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void google.close());
}
