import { runAsProcess } from '#hosting/process';
import { calendar } from './service.js';

await runAsProcess([calendar]);
