/**
 * Do all copies of @opentelemetry/api in the application meet? They share one global per major version, under a rule.
 */
import { dependencyVersion } from '../package-info.ts'
import type { Check } from './check.ts'
import { versionNumbers, type InstalledPackage } from './installed-package.ts'
import { findInstalled } from './installed-packages.ts'

const NAME = '@opentelemetry/api'

/**
 * @param own  the version whose globals the preload sets; default: the one that this package pins
 */
export function checkApiCopies(cwd: string, own: string = dependencyVersion(NAME)): Check {
  const copies = findInstalled(cwd, new Set([NAME]))
  const strangers = copies.filter((copy) => !meets(copy.version, own))
  if (strangers.length > 0) {
    return {
      name: 'otel api',
      status: 'fail',
      message: `${NAME} ${list(strangers)} cannot see the globals of ${own}: spans and logs made with it are lost`,
      hint: `Install ${NAME}@${own} in their place (npm dedupe, or overrides in package.json).`,
    }
  }
  if (copies.length > 1) {
    return {
      name: 'otel api',
      status: 'warn',
      message: `${copies.length} copies of ${NAME}: ${list(copies)}; they meet, but one is enough`,
      hint: 'Run npm dedupe.',
    }
  }
  const [only] = copies
  const message = only === undefined ? 'not used by this application itself' : `one copy, ${only.version}`
  return { name: 'otel api', status: 'ok', message: `${NAME}: ${message}` }
}

/** A copy reads globals of its own major version that were set by the same or a newer minor. Source: the API's `isCompatible`. */
function meets(copy: string, own: string): boolean {
  const [copyMajor, copyMinor] = versionNumbers(copy)
  const [ownMajor, ownMinor] = versionNumbers(own)
  return copyMajor === ownMajor && copyMinor <= ownMinor
}

function list(copies: readonly InstalledPackage[]): string {
  return copies.map(({ version, path }) => `${version} (${path})`).join(', ')
}
