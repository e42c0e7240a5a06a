import { runAsProcess } from '#hosting/process';
import { maintenance } from './service.js';

await runAsProcess([maintenance]);
