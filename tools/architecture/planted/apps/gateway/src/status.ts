import { gmail } from '@googleapis/gmail';
export const status = gmail;
