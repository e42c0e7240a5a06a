import { StandIn } from './stand-in.js';

const port = Number(process.env['PORT'] ?? 2113);
const node = await StandIn.start({ port }).catch((error: Error) => {
  process.stderr.write(
    `The stand-in cannot listen on port ${port}: ${error.message}. Set PORT to a free one.\n`,
  );
  process.exit(1);
});
process.stdout
  .write(`A stand-in for EventStoreDB listens. Everything is kept in memory and gone when this stops.

  EVENTSTOREDB_URL=${node.url}

Stop it with Ctrl+C.
`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void node.stop());
