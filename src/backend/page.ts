/**
 * The page's renderer and files, brought together for show/: rendering is pure, the files lie beside it.
 */
import { readFileSync } from 'node:fs'

import type { PageAsset, PageRenderer } from './show/page-routes.ts'
import { renderDocument } from './ui/document.ts'
import { renderProblem } from './ui/problem-page.ts'

const RENDERER: PageRenderer = {
  document: renderDocument,
  problem: renderProblem,
}

const FILES = [
  { path: '/app.css', type: 'text/css' },
  { path: '/app.js', type: 'text/javascript' },
  { path: '/style.css', type: 'text/css' },
  { path: '/icon.svg', type: 'image/svg+xml' },
] as const

export interface Page {
  readonly renderer: PageRenderer
  readonly assets: readonly PageAsset[]
}

/** Reads the files; they are small and few. */
export function loadPage(): Page {
  return { renderer: RENDERER, assets: FILES.map(({ path, type }) => ({ path, type, text: readUiFile(path) })) }
}

/** Bundled ones lie in dist/ only (.ci/build-ui.mjs): that is beside this file, unless it runs as a source, in a test. */
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../dist/backend/ui/' : './ui/', import.meta.url)

function readUiFile(path: string): string {
  return readFileSync(new URL(`.${path}`, FOLDER), 'utf8')
}
