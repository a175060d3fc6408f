/**
 * Which copies of a package would the application of a folder load? From its package.json along the dependencies, each found as Node finds
 * it: in the nearest node_modules, or hoisted above.
 *
 * What only its tools need is left out: of `devDependencies` those that it names itself count, not what they bring along.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { isObject, readPackage, type InstalledPackage, type Manifest } from './installed-package.ts'
import { findInstalled, foldersAbove, sorted } from './installed-packages.ts'

/** Enough for any application. */
const MAX_PACKAGES = 20_000

const LOADED = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const

/**
 * Each real folder once. All that is installed, where nothing says what the application is: there is no package.json, or it is that of a
 * whole workspace.
 */
export function findLoadable(from: string, names: ReadonlySet<string>): InstalledPackage[] {
  const application = applicationAt(from)
  if (application === undefined || isWorkspace(application)) return findInstalled(from, names)
  const resolve = createResolver()
  const reached = [application]
  const paths = new Set([application.path])
  const reach = (name: string, path: string) => {
    const copy = resolve(name, path)
    if (copy === undefined || paths.has(copy.path) || reached.length >= MAX_PACKAGES) return
    paths.add(copy.path)
    reached.push(copy)
  }
  // It grows while it is gone through.
  for (const { manifest, path } of reached) for (const name of namesIn(manifest, LOADED)) reach(name, path)
  for (const name of namesIn(application.manifest, ['devDependencies']))
    if (names.has(name)) reach(name, application.path)
  return sorted(reached.filter(({ name }) => names.has(name)))
}

/** The nearest package.json says what the application is. */
export function applicationAt(from: string): InstalledPackage | undefined {
  for (const folder of foldersAbove(from)) {
    const found = readPackage(folder, '')
    if (found !== undefined) return found
  }
  return undefined
}

function isWorkspace({ manifest, path }: InstalledPackage): boolean {
  return manifest.workspaces !== undefined || existsSync(join(path, 'pnpm-workspace.yaml'))
}

function namesIn(manifest: Manifest, fields: readonly (keyof Manifest)[]): string[] {
  return fields.flatMap((field) => {
    const listed = manifest[field]
    return isObject(listed) ? Object.keys(listed) : []
  })
}

/** Reads each package.json once. */
function createResolver(): (name: string, from: string) => InstalledPackage | undefined {
  const read = new Map<string, InstalledPackage | undefined>()
  return (name, from) => {
    for (const folder of foldersAbove(from)) {
      const path = join(folder, 'node_modules', name)
      if (!read.has(path)) read.set(path, readPackage(path, name))
      const copy = read.get(path)
      if (copy !== undefined) return copy
    }
    return undefined
  }
}
