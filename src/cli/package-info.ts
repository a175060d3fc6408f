/**
 * Where this package lies and which version it is.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** src/cli/ and dist/cli/ lie equally deep. */
const ROOT = new URL('../../', import.meta.url)

export function packageRoot(): string {
  return fileURLToPath(ROOT)
}

interface PackageJson {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

function packageJson(): PackageJson {
  return JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as PackageJson
}

/** `version` of package.json. */
export function packageVersion(): string {
  return packageJson().version
}

/** The exact version of a package that this one depends on, or was developed and tested with. */
export function dependencyVersion(name: string): string {
  const { dependencies, devDependencies } = packageJson()
  const version = dependencies[name] ?? devDependencies[name]
  if (version === undefined) throw new Error(`${name} is no dependency of this package`)
  return version
}

/** The preload as an absolute file URL: the form that NODE_OPTIONS takes whatever blanks the path holds. */
export function registerUrl(): string {
  return new URL('dist/register.cjs', ROOT).href
}
