/**
 * Opens the data directory: made when absent, closed to others, locked. What stands in the way is told with a way out.
 */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

import { TracelogError } from '../diag/errors.ts'
import { type DirectoryLock, lockDirectory } from '../segments/directory-lock.ts'

/** What systems say, in words that fit behind a colon. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: "this user's share of the disk is used up",
  ENOENT: 'no folder can be made there',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
}

/** @throws TRACELOG_CONFIG_INVALID when it cannot be used; TRACELOG_ALREADY_RUNNING when a living process has it */
export function openDataDirectory(directory: string): DirectoryLock {
  try {
    makeFolder(directory)
    closeToOthers(directory)
    return lockDirectory(directory)
  } catch (error) {
    throw explain(directory, error)
  }
}

/** Not `recursive`: Node tries for ever where a folder is there and takes no others (/proc). Run on 24.21.0. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
    const parent = dirname(path)
    if (code !== 'ENOENT' || existsSync(parent)) throw error
    makeFolder(parent)
    mkdirSync(path, { mode: 0o700 })
  }
}

/** It may have been there before, open to others: logs hold what nobody else should read. */
function closeToOthers(directory: string): void {
  try {
    chmodSync(directory, 0o700)
  } catch {
    // Somebody else's directory that we may write to: it is theirs to close.
  }
}

function explain(directory: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code.startsWith('TRACELOG_')) return error
  const reason = isFileInTheWay(directory, code) ? 'a file is in its place, or in its path' : REASONS[code]
  if (reason === undefined) return error
  return new TracelogError(
    `the data directory is ${directory}, but must be a directory that can be written to: ${reason}`,
    {
      code: 'TRACELOG_CONFIG_INVALID',
      hint: 'Give another one with --data DIR or TRACELOG_DATA, or mend this one.',
      cause: error,
    },
  )
}

function isFileInTheWay(directory: string, code: string): boolean {
  if (code === 'ENOTDIR') return true
  return code === 'EEXIST' && statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true
}
