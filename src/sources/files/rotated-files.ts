/**
 * Which files is a log made of? The file itself and those that it was renamed to, the oldest first.
 *
 * Two ways of naming are known: the Collector's (`logs-2026-11-21T07-30-00.000.jsonl`, also with a reason behind the time) and that
 * of TRACELOG_FILE and logrotate (`all.jsonl.1` is newer than `all.jsonl.2`); each also packed (`.gz`, `.zst`).
 */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

export interface LogFile {
  readonly path: string
  /** Tells it from another file, whatever it is called by now. */
  readonly inode: number
}

/** @returns those that exist; a file that nobody renamed is alone */
export function logFilesOf(path: string): LogFile[] {
  const folder = dirname(path)
  const all = new Set(namesIn(folder))
  // Both are there while one is packed: the packed one is not whole yet.
  const names = [...all].filter(
    (name) => ageRank(name, basename(path)) !== undefined && (!isPacked(name) || !all.has(plainName(name))),
  )
  const older = names.toSorted((a, b) => compareRanks(ageRank(a, basename(path))!, ageRank(b, basename(path))!))
  return [...older.map((name) => join(folder, name)), path].flatMap((file) => {
    const stat = statSync(file, { throwIfNoEntry: false })
    return stat?.isFile() === true ? [{ path: file, inode: stat.ino }] : []
  })
}

/** Whether its name says that it is packed. */
export function isPacked(path: string): boolean {
  return /\.(?:gz|zst)$/.test(path)
}

/** As it was called before it was packed. */
export function plainName(path: string): string {
  return path.replace(/\.(?:gz|zst)$/, '')
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Larger is newer. */
type Rank = readonly [time: string, number: number]

function ageRank(name: string, current: string): Rank | undefined {
  const plain = plainName(name)
  if (plain.startsWith(`${current}.`)) {
    const number = /^\d{1,9}$/.exec(plain.slice(current.length + 1))?.[0]
    return number === undefined ? undefined : ['', -Number(number)]
  }
  const extension = extname(current)
  const stem = current.slice(0, current.length - extension.length)
  if (!plain.startsWith(`${stem}-`) || !plain.endsWith(extension)) return undefined
  const time = plain.slice(stem.length + 1, plain.length - extension.length)
  return /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}(?:\.\d+)?(?:-[\w.]+)?$/.test(time) ? [time, 0] : undefined
}

function compareRanks(a: Rank, b: Rank): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  return a[1] - b[1]
}
