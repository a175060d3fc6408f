/**
 * The list of a comparison as a part of the view: made with its element, shown anew when the answer or a fold changes.
 */
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

import type { TreeDiff } from '../../../model/api.ts'
import { addKeys } from '../keys.ts'
import { RowList } from '../rows.ts'
import { clearSaid, counted } from '../view.ts'
import { compareKeys, openedRuns, openLine } from './compare-keys.ts'
import { type CompareLine, compareLines, compareModel } from './lines.ts'
import { createCompareLine, paintCompareLine } from './paint.ts'

const WIDE = 28
/** Under 640 px a row has two lines. */
const NARROW = 48

export function useList(viewport: RefObject<HTMLElement | null>, diff: ReadonlySignal<TreeDiff | undefined>): void {
  const model = useComputed(() => (diff.value === undefined ? undefined : compareModel(diff.value)))
  const lines = useComputed(() => (model.value === undefined ? [] : compareLines(model.value, openedRuns())))
  const list = useSignal<RowList<CompareLine> | undefined>(undefined)
  useEffect(() => {
    if (viewport.current === null) return undefined
    const narrow = matchMedia('(max-width: 640px)')
    const made: RowList<CompareLine> = new RowList({
      viewport: viewport.current,
      height: () => (narrow.matches ? NARROW : WIDE),
      create: createCompareLine,
      paint: (element, line) => {
        if (model.value !== undefined) paintCompareLine(element, line, model.value)
      },
      onOpen: (line) => openLine(line, diff.value),
    })
    list.value = made
    const removeKeys = addKeys(compareKeys(made, { lines: () => lines.value, diff: () => diff.value }))
    return () => {
      removeKeys()
      made.stop()
      list.value = undefined
      clearSaid()
    }
  }, [model.value !== undefined])
  useSignalEffect(() => {
    if (model.value === undefined) return
    list.value?.setRows(lines.value)
    list.value?.repaint()
    const { rows } = model.value.diff
    const changed = rows.filter((row) => row.change !== 'same').length
    counted.value = `${changed.toLocaleString('en')} of ${rows.length.toLocaleString('en')} rows differ`
  })
}
