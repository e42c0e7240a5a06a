import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { EventContract } from '#contracts/contract';
import { problemCodes } from '#problems/problem';
import { sample, type Schema } from './sample.js';

/** One version of one event: its shape, and data as it was written. */
export interface GoldenEvent {
  category: string;
  type: string;
  version: number;
  schema: Schema;
  sample: Record<string, unknown>;
}

export interface Golden {
  /** Entries are added, never changed and never taken out: events of these shapes lie in somebody's store. */
  events: GoldenEvent[];
  /** Every code that an event may ever have carried. */
  problemCodes: string[];
}

export const goldenFile = 'tools/golden-events/golden-events.json';

export const readGolden = (): Golden => JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden;

/** The shape of an event's data. Problem codes are listed once for all: one more of them is no other shape. */
export function shapeOf({ data }: EventContract): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(data, {
    io: 'output',
    override: ({ jsonSchema }) => {
      if (jsonSchema.enum?.length === problemCodes.length) {
        delete jsonSchema.enum;
        jsonSchema.format = 'problem-code';
      }
    },
  }) as Schema & { $schema?: string };
  return schema;
}

/** Pure: what has to be added for the contracts of today. @throws when a shape changed under a version that is in the file already */
export function withAdded(golden: Golden, contracts: EventContract[]): Golden {
  const added = contracts.flatMap((contract) => {
    const { category, type, version } = contract;
    const schema = shapeOf(contract);
    const known = golden.events.find(
      (one) => one.category === category && one.type === type && one.version === version,
    );
    if (!known) return [{ category, type, version, schema, sample: sample(schema) as GoldenEvent['sample'] }];
    if (JSON.stringify(known.schema) === JSON.stringify(schema)) return [];
    throw new Error(
      `The shape of ${category} ${type} changed while its version stayed ${version}: give it version ${version + 1} in its contract, and an upcast where the former shape does not fit the new one.`,
    );
  });
  const codes = problemCodes.filter((code) => !golden.problemCodes.includes(code));
  return { events: [...golden.events, ...added], problemCodes: [...golden.problemCodes, ...codes] };
}
