import { readdir, readFile, writeFile } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const compress = promisify(brotliCompress);

/** Compressed once here, so that the gateway compresses nothing. */
const compressed = (): Plugin => {
  let folder = '';
  return {
    name: 'compressed',
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir, 'assets');
    },
    closeBundle: async () => {
      for (const name of await readdir(folder))
        if (/[.](js|css)$/.test(name))
          await writeFile(join(folder, `${name}.br`), await compress(await readFile(join(folder, name))));
    },
  };
};

// Whoever builds, a test run too, builds what is shipped.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: import.meta.dirname,
  // Relative to the page's base address, which the gateway knows.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: '../../dist/apps/console/site',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // All of it is one page; a spec watches over its compressed size.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // "use client" of libraries means nothing here.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
  plugins: [compressed()],
});
