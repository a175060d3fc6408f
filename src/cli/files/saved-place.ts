/**
 * How far a command that goes on for ever had come when it was ended, however it was ended: `FILE.place` beside its output.
 *
 * Said after the output is on the disk, so that the output holds at least what the place says; what it holds beyond that is cut off
 * and made again. So each line is there once, after a kill -9 too.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

import type { FilePlace } from '../../sources/files/follow-lines.ts'

export interface SavedPlace extends FilePlace {
  /** Bytes of the output that were made of what is before it. */
  readonly size: number
}

/** @returns `undefined` when there is none, or it is none of ours */
export function readPlace(output: string): SavedPlace | undefined {
  try {
    const { inode, offset, size } = JSON.parse(readFileSync(nameOf(output), 'utf8')) as SavedPlace
    return [inode, offset, size].every((number) => Number.isSafeInteger(number) && number >= 0)
      ? { inode, offset, size }
      : undefined
  } catch {
    return undefined
  }
}

/** The old one or the new one is there at any moment. */
export function savePlace(output: string, place: SavedPlace): void {
  const name = nameOf(output)
  writeFileSync(`${name}.new`, `${JSON.stringify(place)}\n`)
  renameSync(`${name}.new`, name)
}

function nameOf(output: string): string {
  return `${output}.place`
}
