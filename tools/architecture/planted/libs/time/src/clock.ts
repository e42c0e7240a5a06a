import { inner } from '../../../apps/oauth/src/inner.js';
export const clock = inner;
