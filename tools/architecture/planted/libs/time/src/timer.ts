import { helper } from './clock.spec.js';
export const timer = helper;
