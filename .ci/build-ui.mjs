/**
 * Bundles the page that runs in the browser: dist/backend/ui/app.js and app.css, from src/backend/ui/app.tsx and app.css.
 *
 * Part of .ci/build.mjs. Alone it is `npm run ui`: rebuilds on every change; a backend reads the files at its start.
 */
import { fileURLToPath } from 'node:url'

import { build, context } from 'esbuild'

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: ['src/backend/ui/app.tsx', 'src/backend/ui/app.css'],
  outdir: 'dist/backend/ui',
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  // Baselines of early 2024; the page uses nothing newer.
  target: ['chrome120', 'firefox121', 'safari17.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
}

/** Once. */
export async function buildUi() {
  await build(OPTIONS)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const watched = await context({ ...OPTIONS, logLevel: 'info' })
  if (process.argv.includes('--watch')) await watched.watch()
  else await watched.rebuild().then(() => watched.dispose())
}
