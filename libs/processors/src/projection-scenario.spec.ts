import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { projectByType, type Projection, projection } from './processor.js';
import { projectionScenario } from './projection-scenario.js';

class Lamps1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE lamps (tenant_id text, id text, lit int NOT NULL, revision int NOT NULL, PRIMARY KEY (tenant_id, id))',
    );
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lamps');
  }
}

const service = { schema: 'house', entities: [], migrations: [Lamps1760000000001] };

const lamps = (lit: (recorded: RecordedEvent, manager: EntityManager) => Promise<unknown>): Projection =>
  projection({
    id: 'house.lamps',
    categories: ['lamp'],
    tables: ['lamps'],
    project: projectByType({ Lit: lit }),
  });

const count = (condition: string, key = "split_part(split_part($1, '-', 2), '+', 1)") =>
  lamps(({ stream, revision }, manager) =>
    manager.query(
      `INSERT INTO lamps VALUES (${key}, split_part($1, '+', 2), 1, $2)
         ON CONFLICT (tenant_id, id) DO UPDATE SET lit = lamps.lit + 1, revision = $2 WHERE ${condition}`,
      [stream, revision],
    ),
  );

const twice = [
  { stream: 'lamp-t1+a', type: 'Lit' },
  { stream: 'lamp-t1+a', type: 'Lit' },
];

describe('the scenario of a projection', () => {
  describe('that compares revisions', () => {
    const scenario = projectionScenario(count('lamps.revision < $2'), service);

    it('gives its rows, each time from nothing', async () => {
      const row = { tenant_id: 't1', id: 'a', lit: 2, revision: 1 };
      expect(await scenario.rowsAfter(twice)).toEqual({ lamps: [row] });
      expect(await scenario.rowsAfter(twice)).toEqual({ lamps: [row] });
    });
  });

  describe('that counts what it was given before', () => {
    const scenario = projectionScenario(count('true'), service);

    it('fails', async () => {
      await expect(scenario.rowsAfter(twice)).rejects.toThrow('when each event is delivered twice');
    });
  });

  describe('that compares with the last revision only', () => {
    const scenario = projectionScenario(count('lamps.revision <> $2'), service);

    it('fails', async () => {
      await expect(scenario.rowsAfter(twice)).rejects.toThrow('when all events are delivered again');
    });
  });

  describe('that forgets the tenant when it looks for its row', () => {
    const forgetful = lamps(async ({ stream, revision, metadata }, manager) => {
      const id = stream.split('+')[1];
      await manager.query('INSERT INTO lamps VALUES ($1, $2, 0, -1) ON CONFLICT DO NOTHING', [
        metadata.tenantId,
        id,
      ]);
      await manager.query('UPDATE lamps SET lit = lit + 1, revision = $2 WHERE id = $1 AND revision < $2', [
        id,
        revision,
      ]);
    });
    const scenario = projectionScenario(forgetful, service);

    it('fails', async () => {
      await expect(scenario.rowsAfter(twice)).rejects.toThrow('when another tenant has the same history');
    });
  });
});
