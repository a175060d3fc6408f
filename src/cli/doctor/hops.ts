/**
 * Which libraries does the application have that make hops from a certain version on, and is theirs new enough?
 */
import type { Check } from './check.ts'
import { findInstalled, versionNumbers, type InstalledPackage } from './installed-packages.ts'

interface LibrarySupport {
  /** From this version on, major and minor. */
  readonly from: readonly [major: number, minor: number]
  /** What is captured then. */
  readonly captured: string
  /** What of an older one is not. */
  readonly missed: string
}

/** Of those whose older versions are in use. What hooks them is in src/capture. */
const LIBRARIES: Readonly<Record<string, LibrarySupport>> = {
  '@grpc/grpc-js': {
    from: [1, 8],
    captured: 'calls of its clients and to its servers are captured',
    missed: 'its clients make no spans and send no trace; its servers do',
  },
  mysql2: {
    from: [3, 20],
    captured: 'its queries are captured',
    missed: 'it publishes nothing, and its queries make no spans',
  },
}

/** One check per copy that is installed. */
export function checkHops(cwd: string): Check[] {
  return findInstalled(cwd, new Set(Object.keys(LIBRARIES))).map(libraryCheck)
}

function libraryCheck({ name, version, path }: InstalledPackage): Check {
  const { from, captured, missed } = LIBRARIES[name] as LibrarySupport
  const [major, minor] = versionNumbers(version)
  const isNewEnough = major > from[0] || (major === from[0] && minor >= from[1])
  if (isNewEnough) return { name, status: 'ok', message: `${name} ${version}: ${captured} (${path})` }
  return {
    name,
    status: 'warn',
    message: `${name} ${version} is older than ${from.join('.')}: ${missed} (${path})`,
    hint: `Install ${name} ${from.join('.')} or newer.`,
  }
}
