import { simulator } from '../../../tools/google-simulator/src/server.js';
export const google = simulator;
