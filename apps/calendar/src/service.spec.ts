import { connect } from '@nats-io/transport-node';
import { requestsOf } from '#contracts/registry';
import { openDatabase } from '#database/database';
import { createTestDatabase, startTestNats } from '#servers/test-database';
import { CalendarWorld } from './fixtures/calendar-world.js';
import { calendar } from './service.js';

describe('the calendar service', () => {
  it('answers each of its requests exactly once, under processors and workers with names of their own', async () => {
    const [server, { url, drop }, world] = await Promise.all([
      startTestNats(),
      createTestDatabase(),
      CalendarWorld.open(),
    ]);
    const nats = await connect({ servers: server.url });
    const { entities, migrations } = calendar;
    const database = await openDatabase({ url, schema: 'calendar', entities, migrations, poolSize: 2 });
    try {
      const composed = await calendar.compose({ ...world.means, nats, database });
      const answered = composed.handlers.map(({ contract }) => contract.type).toSorted();
      expect(answered).toEqual(
        requestsOf('calendar')
          .map(({ type }) => type)
          .toSorted(),
      );
      for (const names of [
        composed.processors.map(({ id }) => id),
        composed.workers.map(({ name }) => name),
      ]) {
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => !name.startsWith('calendar.'))).toEqual([]);
      }
    } finally {
      await nats.close();
      await database.destroy();
      await drop();
      await world.close();
      await server.stop();
    }
  });
});
