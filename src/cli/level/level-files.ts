/**
 * The files of `tracelog level`, from the side that writes them (config/level-command.ts says what is in them).
 *
 * A file is there whole or not at all: it is written beside and renamed over. What a killed command left beside is removed by the
 * next one.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  checkLevelFolder,
  levelFileName,
  readLevelFile,
  serviceOfLevelFile,
  type LevelCommand,
} from '../../config/level-command.ts'

export interface FoundLevel {
  readonly service: string
  readonly path: string
  /** What is in it, or why it cannot be read. */
  readonly said: LevelCommand | Error
}

const UNFINISHED = '.unfinished'
/** A command that still runs is done with its file long before. Milliseconds. */
const UNFINISHED_MILLIS = 60_000

/** @returns the file's path. @throws TRACELOG_CONFIG_INVALID when somebody else could write in the folder */
export function writeLevelFile(folder: string, service: string, text: string): string {
  makeFolder(folder)
  removeUnfinished(folder)
  const path = join(folder, levelFileName(service))
  const beside = `${path}.${process.pid}${UNFINISHED}`
  writeFileSync(beside, text, { mode: 0o600, flag: 'wx' })
  renameSync(beside, path)
  return path
}

/** @returns the path of the file that was there. @throws TRACELOG_CONFIG_INVALID when somebody else could write in the folder */
export function removeLevelFile(folder: string, service: string): string | undefined {
  if (!isFolderThere(folder)) return undefined
  checkLevelFolder(folder)
  const path = join(folder, levelFileName(service))
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  rmSync(path)
  return path
}

/** Of all services, or of one. @throws TRACELOG_CONFIG_INVALID when somebody else could write in the folder */
export function listLevelFiles(folder: string): readonly FoundLevel[] {
  if (!isFolderThere(folder)) return []
  checkLevelFolder(folder)
  const names = readdirSync(folder).toSorted()
  return names.flatMap((name) => {
    const service = serviceOfLevelFile(name)
    return service === undefined ? [] : [{ service, path: join(folder, name), said: read(folder, service) }]
  })
}

function read(folder: string, service: string): LevelCommand | Error {
  try {
    return readLevelFile(folder, service)
  } catch (error) {
    return error as Error
  }
}

function makeFolder(folder: string): void {
  if (!isFolderThere(folder)) mkdirSync(folder, { mode: 0o700 })
  checkLevelFolder(folder)
}

function isFolderThere(folder: string): boolean {
  return lstatSync(folder, { throwIfNoEntry: false }) !== undefined
}

function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith(UNFINISHED))) {
    const path = join(folder, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && Date.now() - stats.mtimeMs > UNFINISHED_MILLIS) rmSync(path, { force: true })
  }
}
