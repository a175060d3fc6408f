/**
 * The version of this package, read from its package.json beside dist/ (or above src/ in a checkout).
 */
import { readFileSync } from 'node:fs'

/** As in package.json; `0.0.0` when that cannot be found, as in an application bundled into one file. */
export function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<
        string,
        unknown
      >
      if (name === '@org/tracelog' && typeof version === 'string') return version
    } catch {
      // The other place, then.
    }
  }
  return '0.0.0'
}
