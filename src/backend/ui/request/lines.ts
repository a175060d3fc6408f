/**
 * Which lines the grid shows: the rows that no folded one hides, and the frames of each stack below the row that tells of it.
 *
 * A stack frame is a line of its own, so that every line has one height.
 */
import type { TreeRow } from '../../../model/api.ts'
import { type Frame, type FrameKind, groupFrames } from '../../../tree/text/stack-fold.ts'
import { stackPlaces } from '../../../tree/text/stack-places.ts'
import { countOf, type Outline } from './outline.ts'

export interface RowLine {
  readonly kind: 'row'
  readonly key: string
  /** Index of the row. */
  readonly index: number
}
export interface FrameLine {
  readonly kind: 'frame'
  readonly key: string
  /** The row that tells of the error. */
  readonly index: number
  readonly frame: Frame
}
/** Stands for frames that are folded: a click shows them below it. */
export interface FramesLine {
  readonly kind: 'frames'
  readonly key: string
  readonly index: number
  readonly text: string
  readonly isOpen: boolean
}
export type GridLine = RowLine | FrameLine | FramesLine

/** Frames of the application that are shown at once: a stack may have thousands. */
const SHOWN_OWN = 8

export interface Folding {
  readonly isFolded: (index: number) => boolean
  /** Keys of `FramesLine`s that were opened. */
  readonly opened: ReadonlySet<string>
}

export function gridLines(outline: Outline, { isFolded, opened }: Folding): GridLine[] {
  const { rows, ends, ids } = outline
  const places = stackPlaces(rows)
  const lines: GridLine[] = []
  for (let index = 0; index < rows.length;) {
    const row = rows[index] as TreeRow
    const key = ids[index] as string
    lines.push({ kind: 'row', key, index })
    const stack = row.error?.stack
    if (stack !== undefined && places.get(stack) === row) lines.push(...stackLines(stack, { index, key, opened }))
    index = isFolded(index) ? (ends[index] as number) : index + 1
  }
  return lines
}

interface StackPlace {
  readonly index: number
  readonly key: string
  readonly opened: ReadonlySet<string>
}

/** Own frames first, then what is folded of them, of packages, of Node. */
function stackLines(stack: string, place: StackPlace): GridLine[] {
  const frames = groupFrames(stack)
  // An error from the depths of a package: its first frame is better than none.
  const first = frames.own.length > 0 ? frames.own.slice(0, SHOWN_OWN) : [...frames.modules, ...frames.node].slice(0, 1)
  return [
    ...first.map((frame, i): FrameLine => ({ kind: 'frame', key: `${place.key}#${i}`, index: place.index, frame })),
    ...folded('own', frames.own.slice(SHOWN_OWN), place),
    ...folded('modules', frames.modules, place),
    ...folded('node', frames.node, place),
  ]
}

const WHERE: Readonly<Record<FrameKind, string>> = {
  own: 'more of this app',
  modules: 'in node_modules',
  node: 'in Node',
}

function folded(kind: FrameKind, frames: readonly Frame[], { index, key: row, opened }: StackPlace): GridLine[] {
  if (frames.length === 0) return []
  const key = `${row}#${kind}`
  const isOpen = opened.has(key)
  const text = `${countOf(frames.length, 'frame')} ${WHERE[kind]}`
  const shown = isOpen ? frames : []
  return [
    { kind: 'frames', key, index, text, isOpen },
    ...shown.map((frame, i): FrameLine => ({ kind: 'frame', key: `${key}${i}`, index, frame })),
  ]
}
