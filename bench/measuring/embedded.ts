import { startProduct, type Product } from './program.js';

/** `npm start` without the build, on a folder. Ready when it tells a newcomer so. */
export const startEmbedded = (dataDir: string, profileDir: string | undefined): Promise<Product> =>
  startProduct('apps/embedded/src/main.js', {
    env: { DATA_DIR: dataDir, GATEWAY_PORT: '0', SIMULATOR_PORT: '0' },
    profileDir,
    isReady: (output) => output.includes('Tenant Google is ready'),
  });
