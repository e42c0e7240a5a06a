import { inner } from '../../oauth/src/inner.js';
export const gmail = inner;
