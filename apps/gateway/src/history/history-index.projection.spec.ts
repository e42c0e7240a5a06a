import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { projectionScenario } from '#processors/projection-scenario';
import { HistoryIndex1764400000000 } from './history-index-table.js';
import { historyIndex } from './history-index.projection.js';

describe('the index of the history', () => {
  const scenario = projectionScenario(historyIndex, {
    schema: 'gateway',
    entities: [],
    migrations: [ProcessorTables1760000000000, HistoryIndex1764400000000],
  });

  it('numbers a tenant’s events in the order in which they were stored, whatever they say', async () => {
    const { history_index: rows } = await scenario.rowsAfter([
      { stream: 'googleApp-t1', type: 'ConfigCleared' },
      { stream: 'mailbox-t1+p1', type: 'Painted', data: { colour: 'of a newer version' } },
      { stream: 'googleApp-t1', type: 'ConfigCleared' },
    ]);
    expect(
      rows!
        .toSorted((a, b) => Number(a['ordinal']) - Number(b['ordinal']))
        .map(({ ordinal, stream, revision, provider_id }) => [
          Number(ordinal),
          stream,
          revision,
          provider_id,
        ]),
    ).toEqual([
      [1, 'googleApp-t1', 0, null],
      [2, 'mailbox-t1+p1', 0, 'p1'],
      [3, 'googleApp-t1', 1, null],
    ]);
  });
});
