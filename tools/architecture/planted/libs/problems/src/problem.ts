import { clock } from '../../time/src/clock.js';
export const problem = clock;
