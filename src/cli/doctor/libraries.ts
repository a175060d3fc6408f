/**
 * Which libraries that are heard would the application load, and will each copy be? It may be too old, newer than any that was tried, or have
 * ES modules only.
 */
import { relative } from 'node:path'

import type { Check } from './check.ts'
import { isEsmOnly, isOlder, versionNumbers, type InstalledPackage } from './installed-package.ts'
import { findLoadable } from './loadable-packages.ts'
import { SUPPORTED_LIBRARIES, type SupportedLibrary } from './supported-libraries.ts'

type Verdict = Pick<Check, 'status' | 'message' | 'hint'>

const BY_PACKAGE: ReadonlyMap<string, SupportedLibrary> = new Map(
  SUPPORTED_LIBRARIES.map((library) => [library.package, library]),
)

/** One check per copy; none where there is none of them. */
export function checkLibraries(cwd: string): Check[] {
  const copies = findLoadable(cwd, new Set(BY_PACKAGE.keys()))
  return copies.map((copy) => {
    const { name, version, path } = copy
    const { message, ...verdict } = verdictOn(copy, BY_PACKAGE.get(name) as SupportedLibrary)
    const isOnly = copies.filter((other) => other.name === name).length === 1
    // Which of the copies, and where to look for what is wrong.
    const place = isOnly && verdict.status === 'ok' ? '' : ` (${relative(cwd, path) || path})`
    return { name, ...verdict, message: `${name} ${version}: ${message}${place}` }
  })
}

function verdictOn({ name, version, manifest }: InstalledPackage, library: SupportedLibrary): Verdict {
  const { made, from, tried, older } = library
  if (older !== undefined && from !== undefined && isOlder(version, from)) {
    return {
      status: 'warn',
      message: `too old, ${from} is needed: ${older}`,
      hint: `Install ${name} ${from} or newer.`,
    }
  }
  if (isEsmOnly(manifest) && isHookedByFiles(library, version)) {
    const rest = library.ofEsModules ?? 'nothing of it is captured'
    return {
      status: library.ofEsModules === undefined ? 'warn' : 'note',
      message: `it has ES modules only, which cannot be hooked: ${rest}`,
    }
  }
  if (versionNumbers(version)[0] > versionNumbers(tried)[0]) {
    return { status: 'note', message: `not tried with this version, ${tried} is the newest that was` }
  }
  if (isBeforeAllTried(version, library)) {
    return { status: 'note', message: `not tried with this version, ${from ?? tried} is the oldest that was` }
  }
  return { status: 'ok', message: made }
}

/** Not by what it publishes, nor by what it does with node:http. */
function isHookedByFiles({ instrumentation, publishesFrom }: SupportedLibrary, version: string): boolean {
  return instrumentation !== undefined && (publishesFrom === undefined || isOlder(version, publishesFrom))
}

function isBeforeAllTried(version: string, { from, tried }: SupportedLibrary): boolean {
  return from === undefined ? versionNumbers(version)[0] < versionNumbers(tried)[0] : isOlder(version, from)
}
