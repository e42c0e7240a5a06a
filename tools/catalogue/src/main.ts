import { writeFile } from 'node:fs/promises';
import { messagesPage } from './messages-page.js';

await writeFile('docs/messages.md', messagesPage());
process.stdout.write('docs/messages.md is written.\n');
