import { startSimulator } from './server.js';
import { StateFileProblem } from './state/state-file.js';

const DEFAULT_PORT = 8085;

const port = Number(process.env['PORT'] ?? DEFAULT_PORT);
const publicUrl = process.env['PUBLIC_URL'];
const stateFile = process.env['STATE_FILE'];
if (publicUrl && URL.parse(publicUrl)?.origin !== publicUrl.replace(/\/+$/, '')) {
  end(`PUBLIC_URL is ${publicUrl}: give scheme and host only, such as https://google.example.com.`);
}
const google = await startSimulator({
  port,
  host: process.env['HOST'] ?? '127.0.0.1',
  ...(publicUrl && { publicUrl }),
  ...(stateFile && { stateFile }),
}).catch((error: NodeJS.ErrnoException) => {
  if (error instanceof StateFileProblem) end(error.message);
  const remedy = error.code === 'EADDRINUSE' ? ' Set PORT to a free one.' : '';
  end(`The simulator cannot listen on port ${port}: ${error.message}.${remedy}`);
});
process.stdout
  .write(`Google is simulated at ${google.url}${publicUrl ? `, and for others at ${google.world.publicUrl}` : ''}

  Look around             ${google.world.publicUrl}/simulator
  Use as the base URL of  accounts.google.com, oauth2.googleapis.com, openidconnect.googleapis.com,
                          www.googleapis.com, gmail.googleapis.com, pubsub.googleapis.com
  Next                    seed a project and a user: see tools/google-simulator/README.md

${
  stateFile
    ? `Everything is kept in ${stateFile}, and there again after a restart.`
    : 'Everything is kept in memory and gone when this stops; set STATE_FILE to keep it.'
} Stop it with Ctrl+C.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void google.close().catch(({ message }: Error) => end(message)));
}

function end(problem: string): never {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
