/**
 * What `tracelog level` leaves for running processes: one small file per service, and who may be believed.
 *
 * `<folder>/<service name, percent-encoded>.level`, at most 4 KiB of text. First line: a level as in TRACELOG_LEVEL. Second line,
 * if the level ends by itself: `until ` and a time in ISO 8601. The file is written beside and renamed over, so that it is there whole
 * or not at all. The folder has mode 0700 and belongs to the user of the process, the file too; neither is a symbolic link.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { TracelogError } from '../diag/errors.ts'
import { invalid, readText, type Env } from './env.ts'
import { LEVEL_RULE, parseLevels, type LevelConfig } from './level-config.ts'

export interface LevelCommand {
  readonly rules: LevelConfig
  /** Milliseconds since the epoch; `undefined`: until it is cleared. */
  readonly untilMillis: number | undefined
  /** When the file was written. Milliseconds since the epoch. */
  readonly writtenMillis: number
}

const MAX_BYTES = 4096
const SUFFIX = '.level'
const UNTIL = 'until '

/**
 * Where the files may lie. A service manager starts processes without XDG_RUNTIME_DIR, a log-in sets it: both places count, so that
 * command and process meet whichever of the two has it.
 */
export function levelFolders(env: Env): readonly string[] {
  const runtime = readText(env, 'XDG_RUNTIME_DIR')
  const user = process.geteuid?.()
  const temporary = join(readText(env, 'TMPDIR') ?? tmpdir(), user === undefined ? 'tracelog' : `tracelog-${user}`)
  return runtime === undefined ? [temporary] : [join(runtime, 'tracelog'), temporary]
}

export function levelFileName(service: string): string {
  return `${encodeURIComponent(service.toWellFormed())}${SUFFIX}`
}

/** @returns `undefined` when the file is none of ours */
export function serviceOfLevelFile(fileName: string): string | undefined {
  if (!fileName.endsWith(SUFFIX)) return undefined
  try {
    return decodeURIComponent(fileName.slice(0, -SUFFIX.length))
  } catch {
    return undefined
  }
}

export function formatLevelCommand(levels: string, untilMillis: number | undefined): string {
  return untilMillis === undefined ? `${levels}\n` : `${levels}\n${UNTIL}${new Date(untilMillis).toISOString()}\n`
}

/** False also for what may not be seen: under a permission model, in a folder of somebody else. */
export function hasLevelFile(folder: string, service: string): boolean {
  try {
    return lstatSync(join(folder, levelFileName(service)), { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** The folder has been checked. @throws TRACELOG_CONFIG_INVALID when the file cannot be believed or read */
export function readLevelFile(folder: string, service: string): LevelCommand {
  const path = join(folder, levelFileName(service))
  const { text, writtenMillis } = readOwnFile(path)
  return { ...parseLevelCommand(text, path), writtenMillis }
}

/** @throws TRACELOG_CONFIG_INVALID */
function parseLevelCommand(text: string, path: string): Omit<LevelCommand, 'writtenMillis'> {
  const [levels = '', until] = text.split('\n').map((line) => line.trim())
  const rules = parseLevels(levels, path)
  if (until === undefined || until === '') return { rules, untilMillis: undefined }
  const untilMillis = until.startsWith(UNTIL) ? Date.parse(until.slice(UNTIL.length)) : Number.NaN
  if (Number.isNaN(untilMillis)) throw invalid(path, until, `${LEVEL_RULE}, and below it "until" and a time`)
  return { rules, untilMillis }
}

/** @throws TRACELOG_CONFIG_INVALID when others could write in it; of the file system when it is not there */
export function checkLevelFolder(folder: string): void {
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw notOurs(folder, 'no folder', 'a folder')
  checkOwner(folder, stats)
  if (process.geteuid !== undefined && (stats.mode & 0o077) !== 0)
    throw notOurs(folder, `open to others (mode ${(stats.mode & 0o777).toString(8)})`, 'of mode 700')
}

function readOwnFile(path: string): { text: string; writtenMillis: number } {
  const file = openOwnFile(path)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw notOurs(path, 'no file', 'a file')
    checkOwner(path, stats)
    const bytes = Buffer.alloc(MAX_BYTES)
    return { text: bytes.toString('utf8', 0, readSync(file, bytes)), writtenMillis: stats.mtimeMs }
  } finally {
    closeSync(file)
  }
}

function openOwnFile(path: string): number {
  try {
    // A pipe would keep us waiting.
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw notOurs(path, code === 'ELOOP' ? 'a symbolic link' : `not readable (${code ?? message})`, 'a file')
  }
}

function checkOwner(path: string, { uid }: Stats): void {
  const own = process.geteuid?.()
  if (own !== undefined && uid !== own) throw notOurs(path, `of user ${uid}`, `of the user of this process (${own})`)
}

function notOurs(path: string, what: string, rule: string): TracelogError {
  return new TracelogError(`${path} is ${what}, but must be ${rule}`, {
    code: 'TRACELOG_CONFIG_INVALID',
    hint: `Remove ${path}; tracelog level makes it as it must be.`,
  })
}
