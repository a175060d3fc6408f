/**
 * Where the bar of a row lies in the bar column, and what is marked in it. Shares of the column's width, 0 to 1.
 */
import type { TreeRow } from '../../../model/api.ts'
import type { CriticalPart } from '../../../tree/critical-path.ts'
import { atMillis, type ClockMode } from './at-text.ts'
import { isFailedLine, type Outline } from './outline.ts'

/** The part of the request's time that is looked at. Milliseconds since the first happening. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

export interface Stretch {
  readonly at: number
  readonly length: number
}

/** Places in one bar: closer ones cannot be told apart. */
const PLACES = 240

/** All of the request, unless the reader looks closer. */
export function windowOf({ whole }: { readonly whole: number }, zoom: TimeWindow | undefined): TimeWindow {
  return zoom ?? { from: 0, to: whole }
}

/** @returns undefined when it lies outside of the window */
export function stretchOf(from: number, to: number, window: TimeWindow): Stretch | undefined {
  const whole = window.to - window.from
  if (whole <= 0 || to < window.from || from > window.to) return undefined
  const at = Math.max(0, (from - window.from) / whole)
  return { at, length: Math.min(1, (to - window.from) / whole) - at }
}

/** @param whole  an unfinished span lasts until there */
export function barOf(row: TreeRow, clocks: ClockMode, window: TimeWindow, whole: number): Stretch | undefined {
  const from = atMillis(row, clocks)
  const isOpen = row.kind === 'span' && (row.took_ms === null || row.took_ms === undefined)
  return stretchOf(from, isOpen ? Math.max(from, whole) : from + (row.took_ms ?? 0), window)
}

/** Lines below a folded row: where they would stand. */
export function foldedTicks(
  { rows, ends }: Outline,
  index: number,
  { clocks, window }: { readonly clocks: ClockMode; readonly window: TimeWindow },
): { readonly at: number; readonly isError: boolean }[] {
  const end = ends[index] ?? index + 1
  const ticks = new Map<number, { readonly at: number; readonly isError: boolean }>()
  for (let i = index + 1; i < end; i++) {
    const row = rows[i] as TreeRow
    if (row.kind !== 'log') continue
    const at = atMillis(row, clocks)
    const place = stretchOf(at, at, window)
    if (place === undefined) continue
    const key = Math.floor(place.at * PLACES)
    const isError = isFailedLine(row)
    const known = ticks.get(key)
    // Of those at one place the error is seen.
    if (known === undefined || (isError && !known.isError)) ticks.set(key, { at: place.at, isError })
  }
  return [...ticks.values()]
}

/** Stretches in the order of time, those that touch as one: of thousands in one bar only some can be told apart. */
export function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const joint: Stretch[] = []
  for (const stretch of stretches) {
    const last = joint.at(-1)
    if (last === undefined || stretch.at - (last.at + last.length) > 1 / PLACES) joint.push(stretch)
    else joint[joint.length - 1] = { at: last.at, length: Math.max(last.length, stretch.at + stretch.length - last.at) }
  }
  return joint
}

/** The parts of the critical path by row. */
export function partsByRow(path: readonly CriticalPart[]): ReadonlyMap<number, readonly CriticalPart[]> {
  const parts = new Map<number, CriticalPart[]>()
  for (const part of path) {
    const known = parts.get(part.row)
    if (known === undefined) parts.set(part.row, [part])
    else known.push(part)
  }
  return parts
}

/** Round figures for the head of the column: `0`, `10`, `20`, `30`. Milliseconds. */
export function axisMarks({ from, to }: TimeWindow): number[] {
  const whole = to - from
  if (whole <= 0) return []
  const rough = 10 ** Math.floor(Math.log10(whole / 4))
  const step = [1, 2, 5, 10].map((factor) => factor * rough).find((size) => whole / size <= 5) ?? whole
  const marks: number[] = []
  for (let at = Math.ceil(from / step) * step; at < to - whole * 0.14; at += step)
    marks.push(Number(at.toPrecision(12)))
  return marks
}
