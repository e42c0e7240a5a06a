import { writeFile } from 'node:fs/promises';
import { permissionsFile } from '#messaging/nats-permissions';

await writeFile('deploy/nats/permissions.conf', permissionsFile());
