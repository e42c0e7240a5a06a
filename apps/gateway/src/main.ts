import { runAsProcess } from '#hosting/process';
import { gateway } from './service.js';

await runAsProcess([gateway]);
