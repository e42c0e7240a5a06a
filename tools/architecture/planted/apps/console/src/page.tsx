import { secrets } from '../../../libs/secrets/src/secrets-provider.js';

export const Page = () => <p>{String(secrets)}</p>;
