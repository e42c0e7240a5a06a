import { due } from './due/index.js';
export const maintenance = due;
