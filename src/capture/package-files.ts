/**
 * Is this path a certain file of a certain package? Asked for modules that are loaded; reads package.json, once per folder.
 */
import { readFileSync } from 'node:fs'

export interface PackageFile {
  /** As in package.json: `winston`, `@redis/client`. */
  readonly package: string
  /** Path inside the package, with `/` and extension: `lib/winston/logger.js`. Default: what `require(package)` gives. */
  readonly file?: string
}

interface Manifest {
  readonly name?: unknown
  readonly main?: unknown
  readonly version?: unknown
}

/** @returns whether a path is that file, in any copy of the package */
export function createFileTest({ package: name, file }: PackageFile): (path: string) => boolean {
  const folder = `/${name}/`
  const ending = file === undefined ? undefined : `${folder}${withoutExtension(file)}`
  return (path) => {
    const slashed = slashes(path)
    if (!slashed.includes(folder)) return false
    return ending === undefined ? isMain(slashed, name) : withoutExtension(slashed).endsWith(ending)
  }
}

/** Finds a path that holds the folder of any of these packages; none, when there are none. */
export function createFolderPattern(packages: ReadonlySet<string>): RegExp {
  if (packages.size === 0) return /(?!)/
  const names = [...packages].map((name) =>
    name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('/', String.raw`[/\\]`),
  )
  return new RegExp(String.raw`[/\\](?:${names.join('|')})[/\\]`)
}

/** The version of the package that a file lies in; empty when that cannot be read. */
export function packageVersionOf(path: string, name: string): string {
  const version = packageOf(slashes(path), name)?.manifest.version
  return typeof version === 'string' ? version : ''
}

function isMain(slashed: string, name: string): boolean {
  const found = packageOf(slashed, name)
  return found !== undefined && mainOf(found.manifest) === withoutExtension(slashed.slice(found.root.length))
}

/** From the right: a package may hold a folder of its own name. */
function packageOf(slashed: string, name: string): { root: string; manifest: Manifest } | undefined {
  const folder = `/${name}/`
  for (let at = slashed.lastIndexOf(folder); at >= 0; at = at === 0 ? -1 : slashed.lastIndexOf(folder, at - 1)) {
    const root = slashed.slice(0, at + folder.length)
    const manifest = manifestOf(root)
    if (manifest?.name === name) return { root, manifest }
  }
  return undefined
}

function mainOf({ main }: Manifest): string {
  const path = typeof main === 'string' ? withoutExtension(main.replace(/^(?:\.\/)+/, '').replace(/\/$/, '')) : ''
  return path === '' || path === '.' ? 'index' : path
}

const manifests = new Map<string, Manifest | undefined>()

/** `undefined` for a folder that is no package. */
function manifestOf(folder: string): Manifest | undefined {
  if (!manifests.has(folder)) manifests.set(folder, readManifest(folder))
  return manifests.get(folder)
}

function readManifest(folder: string): Manifest | undefined {
  try {
    // Read, not required: the application's `require.cache` holds what the application has loaded.
    const manifest: unknown = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}

function withoutExtension(path: string): string {
  return path.replace(/\.c?js$/, '').replace(/\/index$/, '')
}

function slashes(path: string): string {
  return path.includes('\\') ? path.replaceAll('\\', '/') : path
}
