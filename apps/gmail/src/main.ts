import { runAsProcess } from '#hosting/process';
import { gmail } from './service.js';

await runAsProcess([gmail]);
