/**
 * Which copies of a package lie in the node_modules of a folder and above it? A walk over all of them.
 */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { readPackage, type InstalledPackage } from './installed-package.ts'

/** Enough for any project; a cycle of links ends here. Folders. */
const MAX_FOLDERS = 100_000

/** Every copy of `names` in the node_modules of `from` and of the folders above it; each real folder once. */
export function findInstalled(from: string, names: ReadonlySet<string>): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>()
  const pending = foldersAbove(from).map((folder) => join(folder, 'node_modules'))
  for (let visited = 0; pending.length > 0 && visited < MAX_FOLDERS; visited++) {
    const folder = pending.pop() as string
    for (const name of packagesIn(folder)) {
      const path = join(folder, name)
      // pnpm keeps the real packages in .pnpm/<name>@<version>/node_modules.
      pending.push(join(path, 'node_modules'))
      const copy = names.has(name) ? readPackage(path, name) : undefined
      if (copy !== undefined) found.set(copy.path, copy)
    }
  }
  return sorted(found.values())
}

/** By name, then by path. */
export function sorted(copies: Iterable<InstalledPackage>): InstalledPackage[] {
  return [...copies].toSorted((a, b) => a.name.localeCompare(b.name) || a.path.localeCompare(b.path))
}

export function foldersAbove(from: string): string[] {
  const above = dirname(from)
  return above === from ? [from] : [from, ...foldersAbove(above)]
}

function packagesIn(folder: string): string[] {
  return list(folder).flatMap((name) => {
    if (name === '.pnpm') return list(join(folder, name)).map((inner) => join(name, inner))
    if (name.startsWith('.')) return []
    return name.startsWith('@') ? list(join(folder, name)).map((inner) => `${name}/${inner}`) : [name]
  })
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
