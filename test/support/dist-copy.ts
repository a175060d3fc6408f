/**
 * The built package in a folder of its own, for tests that write beside its bundles: others run from dist/ meanwhile.
 */
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { compiledName, START_BUNDLE } from '../../src/model/compiled-code.ts'

const root = new URL('../..', import.meta.url).pathname

export interface DistCopy {
  /** Of the package. */
  readonly folder: string
  readonly dist: string
  /** Where the compiled code for a Node is, if there is any; default: the start's. */
  compiledPath(version: string, bundle?: string): string
  remove(): void
}

/** Without what `tracelog precompile` may have written in the checkout. */
export function copyDist(): DistCopy {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-dist-'))
  const dist = join(folder, 'dist')
  cpSync(join(root, 'dist'), dist, { recursive: true, filter: (path) => !/\.(?:compiled|d\.c?ts)$/.test(path) })
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    dist,
    compiledPath: (version, bundle = START_BUNDLE) =>
      join(dist, compiledName(bundle, { version: `v${version}`, platform: process.platform, arch: process.arch })),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
