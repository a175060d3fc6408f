/**
 * One process per data directory: the file `lock`, which names its owner.
 *
 * The file is written beside and linked into place, so that it is never seen half written, and exactly one of several
 * that try at once wins. A lock whose owner is gone (kill -9, power) is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { monotonicMillis } from '../diag/clock.ts'
import { TracelogError } from '../diag/errors.ts'
import { isSameProcess, processStart } from '../diag/process-start.ts'

const LOCK = 'lock'
/** Each lost race against another starter costs one try. */
const MAX_TRIES = 10

interface Owner {
  readonly pid: number
  readonly start?: string
}

export interface DirectoryLock {
  /** Twice is harmless. */
  release(): void
}

/** @throws TRACELOG_ALREADY_RUNNING when a living process has the directory */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, LOCK)
  const own = join(directory, `${LOCK}.${process.pid}.${monotonicMillis()}`)
  const start = processStart(process.pid)
  const text = `${JSON.stringify({ pid: process.pid, ...(start === undefined ? {} : { start }) })}\n`
  writeFileSync(own, text, { mode: 0o600 })
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (tryLink(own, path)) return { release: () => release(path, text) }
      takeAwayStale(path, directory)
    }
  } finally {
    rmSync(own, { force: true })
  }
  throw alreadyRunning(directory, undefined)
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    return tryCreate(own, path)
  }
}

/** For file systems without hard links: the name is as exclusive, only the text comes a moment later. */
function tryCreate(own: string, path: string): boolean {
  try {
    writeFileSync(path, readFileSync(own), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a process that is gone. */
function takeAwayStale(path: string, directory: string): void {
  const found = readText(path)
  if (found === undefined) return
  const owner = ownerOf(found)
  if (owner !== undefined && isSameProcess(owner.pid, owner.start)) throw alreadyRunning(directory, owner.pid)

  // Renamed first: of two starters that both saw the stale lock, only one gets hold of it.
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  // The other one was quicker and this is its new lock: put it back.
  if (readText(aside) !== found) tryLink(aside, path)
  rmSync(aside, { force: true })
}

function release(path: string, text: string): void {
  if (readText(path) !== text) return
  try {
    unlinkSync(path)
  } catch {
    // Somebody removed the whole directory: there is nothing left to release.
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function ownerOf(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    return typeof owner?.pid === 'number' ? (owner as Owner) : undefined
  } catch {
    return undefined
  }
}

function alreadyRunning(directory: string, pid: number | undefined): TracelogError {
  const who = pid === undefined ? 'another process' : `process ${pid}`
  return new TracelogError(`the data directory is ${directory}, which ${who} already uses`, {
    code: 'TRACELOG_ALREADY_RUNNING',
    hint: `Use that backend, stop it${pid === undefined ? '' : ` (kill ${pid})`}, or give this one another directory with --data.`,
  })
}
