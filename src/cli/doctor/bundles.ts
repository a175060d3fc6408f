/**
 * Does the application start from a bundle, and which libraries are folded into it? A copy in there is no module that anybody could find: what
 * it publishes is heard, what would be hooked by its files is not.
 *
 * Known of bundles of esbuild and webpack that still name the files they are made of; of a minified one nothing can be told.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { join, relative } from 'node:path'

import type { Check } from './check.ts'
import { isObject, isOlder, type Manifest } from './installed-package.ts'
import type { FoundLibrary } from './libraries.ts'
import { applicationAt } from './loadable-packages.ts'
import { SUPPORTED_LIBRARIES, type SupportedLibrary } from './supported-libraries.ts'

/** More of a file is not read. */
const MAX_BYTES = 32 * 1024 * 1024
/** More files to start from are not looked at. */
const MAX_ENTRIES = 4

const BUNDLERS = /__commonJS|__webpack_require__|__webpack_modules__/
const FOLDED = /node_modules\/((?:@[\w.-]{1,214}\/)?[\w.-]{1,214})\//g

/**
 * One check per library that is folded in, of those that are hooked or publish what they do.
 *
 * @param found  the copies that are installed: which version was bundled is told by nothing else
 */
export function checkBundles(cwd: string, found: readonly FoundLibrary[]): Check[] {
  const application = applicationAt(cwd)
  if (application === undefined) return []
  const entries = entriesOf(application.manifest).map((name) => join(application.path, name))
  return entries.slice(0, MAX_ENTRIES).flatMap((path) => {
    const folded = foldedInto(path)
    const libraries = SUPPORTED_LIBRARIES.filter(
      (each) => each.instrumentation !== undefined && folded.has(each.package),
    )
    return libraries.map((library) => checkOf(library, relative(cwd, path), found))
  })
}

function checkOf(library: SupportedLibrary, file: string, found: readonly FoundLibrary[]): Check {
  const { package: name, publishesFrom, handOver } = library
  const copies = found.filter((each) => each.library === library)
  const isPublishing =
    publishesFrom !== undefined &&
    copies.length > 0 &&
    copies.every(({ copy }) => !isOlder(copy.version, publishesFrom))
  const message = `${name}: inside a bundle (${file})`
  if (isPublishing) return { name, status: 'ok', message: `${message}, heard by what it publishes` }
  const since = publishesFrom === undefined ? '' : ` before ${publishesFrom}`
  return {
    name,
    status: 'warn',
    message: `${message}, where no copy${since} can be found`,
    hint:
      handOver === undefined
        ? 'Leave it out of the bundle (external).'
        : `Call ${handOver}, or leave it out of the bundle (external).`,
  }
}

/** What `main` and the script `start` name. */
function entriesOf({ main, scripts }: Manifest): string[] {
  const start = isObject(scripts) && typeof scripts['start'] === 'string' ? scripts['start'].split(/\s+/) : []
  const files = [...(typeof main === 'string' ? [main] : []), ...start].filter((word) =>
    /^[\w./-]+\.[cm]?js$/.test(word),
  )
  return [...new Set(files.map((file) => join(file)))]
}

function foldedInto(path: string): ReadonlySet<string> {
  const text = headOf(path)
  if (!BUNDLERS.test(text)) return new Set()
  return new Set([...text.matchAll(FOLDED)].map(([, name = '']) => name))
}

function headOf(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.allocUnsafe(MAX_BYTES)
      return bytes.latin1Slice(0, readSync(file, bytes, 0, MAX_BYTES, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
