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

export interface FoundLibrary {
  readonly copy: InstalledPackage
  readonly library: SupportedLibrary
  readonly verdict: Verdict
  /** By all that can be told without loading it. */
  readonly mayBeHooked: boolean
}

const BY_PACKAGE: ReadonlyMap<string, SupportedLibrary> = new Map(
  SUPPORTED_LIBRARIES.map((library) => [library.package, library]),
)

/** Every copy of each of them. */
export function findLibraries(cwd: string): FoundLibrary[] {
  return findLoadable(cwd, new Set(BY_PACKAGE.keys())).map((copy) => {
    const library = BY_PACKAGE.get(copy.name) as SupportedLibrary
    const mayBeHooked = !isTooOld(copy, library) && !isOutOfReach(copy, library)
    return { copy, library, verdict: verdictOn(copy, library), mayBeHooked }
  })
}

/** One check per copy; none where there is none of them. */
export function checkLibraries(cwd: string, found: readonly FoundLibrary[]): Check[] {
  return found.map(({ copy: { name, version, path }, verdict: { message, ...verdict } }) => {
    const isOnly = found.filter(({ copy }) => copy.name === name).length === 1
    // Which of the copies, and where to look for what is wrong.
    const place = isOnly && verdict.status === 'ok' ? '' : ` (${relative(cwd, path) || path})`
    return { name, ...verdict, message: `${name} ${version}: ${message}${place}` }
  })
}

function verdictOn(copy: InstalledPackage, library: SupportedLibrary): Verdict {
  const { name, version } = copy
  const { made, from, tried, older } = library
  if (isTooOld(copy, library)) {
    return {
      status: 'warn',
      message: `too old, ${from} is needed: ${older}`,
      hint: `Install ${name} ${from} or newer.`,
    }
  }
  if (isOutOfReach(copy, library)) {
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

/** And it is known what is missing then. */
function isTooOld({ version }: InstalledPackage, { from, older }: SupportedLibrary): boolean {
  return older !== undefined && from !== undefined && isOlder(version, from)
}

/** Hooked by its files, not by what it publishes nor by what it does with node:http; and there is none that a hook would see. */
function isOutOfReach({ version, manifest }: InstalledPackage, library: SupportedLibrary): boolean {
  const { instrumentation, publishesFrom } = library
  const isHookedByFiles =
    instrumentation !== undefined && (publishesFrom === undefined || isOlder(version, publishesFrom))
  return isHookedByFiles && isEsmOnly(manifest)
}

function isBeforeAllTried(version: string, { from, tried }: SupportedLibrary): boolean {
  return from === undefined ? versionNumbers(version)[0] < versionNumbers(tried)[0] : isOlder(version, from)
}
