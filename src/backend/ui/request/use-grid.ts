/**
 * The grid as a part of the view: made with its element, shown anew whenever the trace or how it is looked at changes.
 */
import { type ReadonlySignal, type Signal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

import { addKeys } from '../keys.ts'
import { change, param } from '../state.ts'
import { counted, problem } from '../view.ts'
import { windowOf } from './bars.ts'
import { createGrid, type Grid } from './grid.ts'
import { gridLines, type GridLine } from './lines.ts'
import { clockMode, foldedRows, type Look, timeMode, toggleFold } from './look.ts'
import type { RequestModel } from './model.ts'
import { dimmed } from './query-match.ts'
import { requestKeys } from './request-keys.ts'

export interface GridPlace {
  readonly viewport: RefObject<HTMLDivElement | null>
  readonly model: ReadonlySignal<RequestModel | undefined>
  readonly look: Look
}

export interface UsedGrid {
  readonly grid: ReadonlySignal<Grid | undefined>
  /** The line that the reader is at. */
  readonly current: ReadonlySignal<GridLine | undefined>
  /** Rows that came in above what is seen. */
  readonly above: ReadonlySignal<number>
}

export function useGrid({ viewport, model, look }: GridPlace): UsedGrid {
  const grid = useSignal<Grid | undefined>(undefined)
  const current = useSignal<GridLine | undefined>(undefined)
  const above = useSignal(0)
  const isThere = model.value !== undefined
  useEffect(() => {
    if (viewport.current === null) return undefined
    const made = madeGrid(viewport.current, { current, look, above })
    grid.value = made
    const foldLine = (line: GridLine): void => fold(line, look)
    const removeKeys = addKeys(requestKeys({ grid: made, model: () => model.value, foldLine }))
    return () => {
      removeKeys()
      made.stop()
      grid.value = undefined
      counted.value = ''
      problem.value = undefined
    }
  }, [isThere, model])
  const folding = useComputed(() => param('fold'))
  const lines = useComputed(() => {
    const { value: shown } = model
    if (shown === undefined) return []
    return gridLines(shown.outline, { isFolded: foldedRows(shown, folding.value), opened: look.frames.value })
  })
  useSignalEffect(() => {
    const { value: shown } = model
    if (shown === undefined || grid.value === undefined) return
    grid.value.show({
      model: shown,
      lines: lines.value,
      mode: timeMode(),
      clocks: clockMode(),
      window: windowOf(shown, look.zoom.value),
      isFolded: foldedRows(shown, folding.value),
      isDim: dimmed(shown, look.muted.value),
      current: current.value?.kind === 'row' ? current.value.index : -1,
    })
    counted.value = `${shown.tree.rows.length.toLocaleString('en')} rows`
  })
  return { grid, current, above }
}

function madeGrid(
  viewport: HTMLElement,
  {
    current,
    look,
    above,
  }: { readonly current: Signal<GridLine | undefined>; readonly look: Look; readonly above: Signal<number> },
): Grid {
  return createGrid({
    viewport,
    // A link names the row that it was made for.
    start: param('row'),
    onCurrent: (line) => {
      current.value = line
      if (line !== undefined) change({ row: line.key }, { replaces: true })
    },
    onOpen: () => change({ insp: param('insp') || 'fields' }, { replaces: true }),
    onFold: (line) => fold(line, look),
    onAbove: (count) => (above.value = count),
  })
}

function fold(line: GridLine, { frames }: Look): void {
  if (line.kind === 'row') return toggleFold(line.key)
  if (line.kind !== 'frames') return
  const opened = new Set(frames.value)
  if (!opened.delete(line.key)) opened.add(line.key)
  frames.value = opened
}
