/**
 * Which copies of a package would an application in this folder load? A walk over node_modules, from the folder upwards.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** The real folder: links of workspaces and pnpm are followed. */
  readonly path: string
}

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
      if (names.has(name)) note(found, name, path)
    }
  }
  return [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.path.localeCompare(b.path))
}

function note(found: Map<string, InstalledPackage>, name: string, path: string): void {
  try {
    const real = realpathSync(path)
    const { version } = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as { version?: string }
    found.set(real, { name, version: version ?? 'unknown', path: real })
  } catch {
    // A broken link or a folder without a package.json: nothing that could be loaded.
  }
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

function foldersAbove(from: string): string[] {
  const above = dirname(from)
  return above === from ? [from] : [from, ...foldersAbove(above)]
}

/** `22.15.0` or `v22.15.0-rc.1` -> [22, 15, 0]; zeros for what is no number. */
export function versionNumbers(version: string): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version
    .replace(/^v/, '')
    .split(/[.-]/)
    .map((part) => Number(part) || 0)
  return [major, minor, patch]
}
