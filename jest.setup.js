import { registerHooks } from 'node:module';

// Jest runs this file outside its transforms. Node strips the types of what it imports; the hook finds the sources.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.endsWith('.ts')
      ? next(specifier.replace(/\.js$/, '.ts'), context)
      : next(specifier, context),
});

export default async function globalSetup() {
  const { setUp, tearDown } = await import('./libs/servers/src/test-run.ts');
  await setUp();
  globalThis.tearDownTestRun = tearDown;
}
