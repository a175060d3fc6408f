/**
 * The package as a user gets it: `npm pack` of the built checkout, installed into an empty project.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { npm } from './nodes.ts'

const root = new URL('../..', import.meta.url).pathname

export interface Project {
  readonly folder: string
  remove(): void
}

/** Packs dist/ as it is (the tests' set-up built it). @returns the tarball's path */
export function packTarball(folder: string): string {
  npm(['pack', '--ignore-scripts', '--pack-destination', folder], root)
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  )
}

/** An empty project with our tarball and `packages` (`name@version`) installed. */
export function installedProject(packages: readonly string[]): Project {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-package-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true, version: '1.0.0' }))
  const tarball = packTarball(folder)
  npm(['install', tarball, ...packages], folder)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
