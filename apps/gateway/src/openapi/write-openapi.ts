import { writeFile } from 'node:fs/promises';
import { documentedApi } from './documented-api.js';

await writeFile('docs/openapi.json', documentedApi());
process.stdout.write('docs/openapi.json is written.\n');
