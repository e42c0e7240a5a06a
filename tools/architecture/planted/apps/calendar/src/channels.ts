import { secrets } from '../../../libs/secrets/src/secrets-provider.js';
export const channels = secrets;
