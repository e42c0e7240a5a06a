import { writeFile } from 'node:fs/promises';
import { doctorPage } from './doctor-page.js';
import { messagesPage } from './messages-page.js';

await writeFile('docs/messages.md', messagesPage());
process.stdout.write('docs/messages.md is written.\n');
await writeFile('docs/doctor.md', doctorPage());
process.stdout.write('docs/doctor.md is written.\n');
