import { connect } from '@nats-io/transport-node';
import { requestsOf } from '#contracts/registry';
import { startTestNats } from '#servers/test-database';
import { GmailWorld } from './fixtures/gmail-world.js';
import { gmail } from './service.js';

describe('the gmail service', () => {
  it('answers each of its requests exactly once, under processors and workers with names of their own', async () => {
    const server = await startTestNats();
    const world = await GmailWorld.open();
    const nats = await connect({ servers: server.url });
    try {
      const { handlers, processors, workers } = await gmail.compose({ ...world.means, nats });
      const answered = handlers.map(({ contract }) => contract.type).toSorted();
      expect(answered).toEqual(
        requestsOf('gmail')
          .map(({ type }) => type)
          .toSorted(),
      );
      for (const names of [processors.map(({ id }) => id), workers.map(({ name }) => name)]) {
        expect(new Set(names).size).toBe(names.length);
        expect(names.every((name) => name.startsWith('gmail.'))).toBe(true);
      }
    } finally {
      await nats.close();
      await world.close();
      await server.stop();
    }
  });
});
