/**
 * What failed, by how often: one row for errors of one type and place, with where, since when and how it went on.
 */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'

import { watchHold } from '../hold.ts'
import { type StartedList, stepKeys, useLiveList } from '../live-list.ts'
import { RowList } from '../rows.ts'
import { openAddress, query } from '../state.ts'
import type { View } from '../view.ts'
import { ErrorList, type ErrorItem, recordsOf, requestOf } from './list.ts'
import { createErrorRow, paintErrorRow } from './row.ts'

const WIDE_ROW = 60
const NARROW_ROW = 82

function Errors(): JSX.Element {
  const isEmpty = useSignal(false)
  const { viewport } = useLiveList((element) => startList(element, isEmpty))
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

function startList(viewport: HTMLElement, isEmpty: Signal<boolean>): StartedList<ErrorList> {
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
  const keys = [
    ...stepKeys(rows, 'error'),
    { keys: ['Enter'], says: 'open its newest request', run: () => rows.open() },
    {
      keys: ['l'],
      says: 'its records',
      run: () => {
        if (rows.current !== undefined) openAddress(recordsOf(rows.current.row))
      },
    },
  ]
  return { list, keys, parts: [rows, hold] }
}

export const errorsView: View = { path: '/errors', name: 'Errors', key: '5', title: 'Errors', component: Errors }
