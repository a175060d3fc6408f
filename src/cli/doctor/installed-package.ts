/**
 * What does the package.json of an installed package say?
 */
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** What is read of a package.json; other people wrote it, so each field may be anything. */
export interface Manifest {
  readonly version?: unknown
  readonly type?: unknown
  readonly main?: unknown
  readonly exports?: unknown
  readonly scripts?: unknown
  readonly workspaces?: unknown
  readonly dependencies?: unknown
  readonly devDependencies?: unknown
  readonly optionalDependencies?: unknown
  readonly peerDependencies?: unknown
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** The real folder: links of workspaces and pnpm are followed. */
  readonly path: string
  readonly manifest: Manifest
}

/** `undefined` for a broken link or a folder without a package.json: nothing that could be loaded. */
export function readPackage(folder: string, name: string): InstalledPackage | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (typeof manifest !== 'object' || manifest === null) return undefined
    const { version } = manifest as Manifest
    const path = realpathSync(folder)
    return { name, version: typeof version === 'string' ? version : 'unknown', path, manifest }
  } catch {
    return undefined
  }
}

/** `22.15.0` or `v22.15.0-rc.1` -> [22, 15, 0]; zeros for what is no number. */
export function versionNumbers(version: string): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version
    .replace(/^v/, '')
    .split(/[.-]/)
    .map((part) => Number(part) || 0)
  return [major, minor, patch]
}

/** Whether a version comes before another one; `3.20.0-beta.1` counts as `3.20.0`. */
export function isOlder(version: string, than: string): boolean {
  const [major, minor, patch] = versionNumbers(version)
  const [toMajor, toMinor, toPatch] = versionNumbers(than)
  if (major !== toMajor) return major < toMajor
  return minor === toMinor ? patch < toPatch : minor < toMinor
}

/** Whether there is no CommonJS file that `require` or `import` of the package's name would give. */
export function isEsmOnly({ type, main, exports }: Manifest): boolean {
  const root =
    isObject(exports) && '.' in exports
      ? exports['.']
      : (exports ?? `./${typeof main === 'string' ? main : 'index.js'}`)
  const text = JSON.stringify(root)
  if (text.includes('"require":')) return false
  const files = (text.match(/"\.[^"]*"/g) ?? []).filter((file) => /\.[cm]?js"$/.test(file))
  return (
    files.length > 0 && files.every((file) => file.endsWith('.mjs"') || (type === 'module' && !file.endsWith('.cjs"')))
  )
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
