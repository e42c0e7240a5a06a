import { inner } from '../../oauth/src/inner.js';
export const started = inner;
