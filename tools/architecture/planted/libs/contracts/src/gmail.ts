import { clock } from '../../time/src/clock.js';
export const contract = clock;
