/**
 * What failed, by how often: one row for errors of one type and place, with where, since when and how it went on.
 */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { watchHold } from '../hold.ts'
import { addKeys } from '../keys.ts'
import { RowList } from '../rows.ts'
import { openAddress, query } from '../state.ts'
import { clearSaid, type View, wantsLive } from '../view.ts'
import { ErrorList, type ErrorItem, recordsOf, requestOf } from './list.ts'
import { createErrorRow, paintErrorRow } from './row.ts'

const WIDE_ROW = 60
const NARROW_ROW = 82

function Errors(): JSX.Element {
  const viewport = useRef<HTMLDivElement>(null)
  const isEmpty = useSignal(false)
  const list = useRef<ErrorList>(undefined)
  useEffect(() => {
    const [started, stop] = startList(viewport.current as HTMLDivElement, isEmpty)
    list.current = started
    return stop
  }, [])
  useSignalEffect(() => list.current?.ask())
  useSignalEffect(() => list.current?.follow(wantsLive.value))
  return (
    <section class="errors">
      <h1 class="sr">Errors</h1>
      <div class="cols">
        <span class="right">struck</span>
        <span>error</span>
        <span class="wide">when</span>
        <span class="right">last</span>
      </div>
      <div class="list" ref={viewport} role="grid" aria-label="Errors" tabIndex={0} />
      {isEmpty.value && (
        <p class="empty">{query.value === '' ? 'No error was recorded in this time.' : 'No error matches.'}</p>
      )}
    </section>
  )
}

function startList(viewport: HTMLElement, isEmpty: Signal<boolean>): [ErrorList, () => void] {
  const narrow = matchMedia('(max-width: 640px)')
  const hold = watchHold(viewport, () => list.release())
  const rows: RowList<ErrorItem> = new RowList({
    viewport,
    height: () => (narrow.matches ? NARROW_ROW : WIDE_ROW),
    create: createErrorRow,
    paint: paintErrorRow,
    isHeld: hold.isHeld,
    onOpen: ({ row }) => openAddress(requestOf(row)),
  })
  const list = new ErrorList(rows, { isEmpty, isHeld: hold.isHeld })
  const removeKeys = addKeys([
    { keys: ['j', 'ArrowDown'], says: 'next error', run: () => rows.step(1) },
    { keys: ['k', 'ArrowUp'], says: 'error before', run: () => rows.step(-1) },
    { keys: ['Enter'], says: 'open its newest request', run: () => rows.open() },
    {
      keys: ['l'],
      says: 'its records',
      run: () => {
        if (rows.current !== undefined) openAddress(recordsOf(rows.current.row))
      },
    },
    { keys: [' '], says: 'pause, go on', run: () => (wantsLive.value = !wantsLive.value) },
  ])
  const stop = () => {
    removeKeys()
    list.stop()
    rows.stop()
    hold.stop()
    clearSaid()
  }
  return [list, stop]
}

export const errorsView: View = { path: '/errors', name: 'Errors', key: '5', title: 'Errors', component: Errors }
