import { locks } from '../../../libs/locks/src/postgres-locks.js';
export const refresh = locks;
