/**
 * Renames the aggregated file away: `all.jsonl` -> `all.jsonl.1` -> `all.jsonl.2` ..., the oldest is removed.
 *
 * Several processes may want to at the same time: a lock file lets one of them, the others go on with the file they have and find
 * the new one at their next write. A lock that a dead process left is taken after ten seconds.
 */
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'

import { wallMillis } from '../../diag/clock.ts'

const STALE_LOCK_MILLIS = 10_000

export interface RotationOptions {
  /** Of the file that is too large: when the path leads elsewhere by now, someone else was faster. */
  readonly inode: number
  /** Files kept, the current one included. */
  readonly maxFiles: number
}

/** @throws the file system's error when a file cannot be renamed */
export function rotate(path: string, { inode, maxFiles }: RotationOptions): void {
  const lock = `${path}.lock`
  if (!takeLock(lock)) return
  try {
    if (statSync(path, { throwIfNoEntry: false })?.ino === inode) shift(path, maxFiles)
  } finally {
    rmSync(lock, { force: true })
  }
}

function shift(path: string, maxFiles: number): void {
  rmSync(maxFiles === 1 ? path : `${path}.${maxFiles - 1}`, { force: true })
  for (let number = maxFiles - 2; number >= 0; number--) {
    const from = number === 0 ? path : `${path}.${number}`
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${path}.${number + 1}`)
  }
}

function takeLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const age = wallMillis() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? wallMillis())
  if (age > STALE_LOCK_MILLIS) rmSync(lock, { force: true })
  return false
}
