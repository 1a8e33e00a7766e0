// Bundles the page: node build.mjs

import { build } from 'esbuild';

await build({
  entryPoints: ['src/page.tsx'],
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  outdir: 'dist',
  jsx: 'automatic',
  // In development translations throw before they are loaded.
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  loader: Object.fromEntries(['.woff', '.woff2', '.ttf', '.svg', '.png'].map((suffix) => [suffix, 'file'])),
  logLevel: 'warning',
});
