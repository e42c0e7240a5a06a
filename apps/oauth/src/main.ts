import { runAsProcess } from '#hosting/process';
import { oauth } from './service.js';

await runAsProcess([oauth]);
