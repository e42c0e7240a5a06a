import { writeFile } from 'node:fs/promises';
import { eventContracts } from '#contracts/registry';
import { goldenFile, readGolden, withAdded } from './golden-events.js';

const golden = readGolden();
const grown = withAdded(golden, eventContracts);
await writeFile(goldenFile, `${JSON.stringify(grown, null, 2)}\n`);
process.stdout.write(`${goldenFile} has ${grown.events.length - golden.events.length} new entries.\n`);
