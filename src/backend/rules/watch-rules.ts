/**
 * Tells when a file of rules may have changed: written in place, or replaced by another one, as editors and ConfigMaps do.
 */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** So many changes are one. Milliseconds. */
const QUIET_MILLIS = 100
/** Where the file system tells nothing. Milliseconds. */
const LOOK_MILLIS = 2_000

/** @param onChange  called when content, size or place of the file have changed. @returns how to stop */
export function watchRules(path: string, onChange: () => void): () => void {
  let seen = signatureOf(path)
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    timer = undefined
    const now = signatureOf(path)
    if (now === seen) return
    seen = now
    onChange()
  }
  const soon = (): void => void (timer ??= setTimeout(look, QUIET_MILLIS).unref())
  const interval = setInterval(look, LOOK_MILLIS).unref()
  const watcher = watcherOf(dirname(path), soon)
  return () => {
    clearInterval(interval)
    clearTimeout(timer)
    watcher?.close()
  }
}

function watcherOf(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', () => undefined)
  } catch {
    return undefined
  }
}

/** `''`: it is not there, or may not be seen. */
function signatureOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return ''
  }
}
