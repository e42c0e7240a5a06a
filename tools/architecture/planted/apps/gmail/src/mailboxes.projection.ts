import { gmail } from '@googleapis/gmail';
export const project = gmail;
