/**
 * All lines, newest first, those of no request too: the list, what all lines have in common, and the fields of the chosen one.
 */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'

import { CountedFrame } from '../counts/frame.tsx'
import { watchHold } from '../hold.ts'
import { wordsOf } from '../query-tokens.ts'
import { type StartedList, stepKeys, useLiveList } from '../live-list.ts'
import { RowList } from '../rows.ts'
import { change, keep, openAddress, param, query } from '../state.ts'
import type { View } from '../view.ts'
import { AroundBar, leaveAround } from './around-bar.tsx'
import { Export } from './export.tsx'
import { FieldsPanel } from './fields-panel.tsx'
import type { Line } from './line.ts'
import { lineKeys } from './line-keys.ts'
import { LogList, type LogSignals } from './list.ts'
import { createLogRow, paintLogRow } from './row.ts'

const ONE_LINE = 24
const TWO_LINES = 44

interface Shown extends LogSignals {
  readonly isTop: Signal<boolean>
  readonly chosen: Signal<Line | undefined>
}

function Logs(): JSX.Element {
  const shown: Shown = {
    isEmpty: useSignal(false),
    fresh: useSignal(0),
    common: useSignal<ReadonlyMap<string, string>>(new Map()),
    isTop: useSignal(true),
    chosen: useSignal<Line | undefined>(undefined),
  }
  const { viewport, list } = useLiveList((element) => startList(element, shown))
  const close = () => {
    shown.chosen.value = undefined
    viewport.current?.focus()
  }
  return (
    <div class="logs-frame">
      <CountedFrame of="logs" tools={<Export rows={() => list.current?.records() ?? []} />}>
        <section class="logs">
          <h1 class="sr">Logs</h1>
          {shown.fresh.value > 0 && !shown.isTop.value && (
            <button type="button" class="fresh" onClick={() => viewport.current?.scrollTo({ top: 0 })}>
              {`▲ ${shown.fresh.value.toLocaleString('en')} new`}
            </button>
          )}
          <AroundBar />
          <Common fields={shown.common.value} />
          <div class="list" ref={viewport} role="grid" aria-label="Log lines" tabIndex={0} />
          {shown.isEmpty.value && <p class="empty">{query.value === '' ? 'No records yet.' : 'No record matches.'}</p>}
        </section>
      </CountedFrame>
      {shown.chosen.value?.kind === 'log' && (
        <FieldsPanel row={shown.chosen.value.row} text={shown.chosen.value.text} onClose={close} />
      )}
    </div>
  )
}

function startList(viewport: HTMLElement, shown: Shown): StartedList<LogList> {
  const narrow = matchMedia('(max-width: 640px)')
  const hold = watchHold(viewport, () => rows.release())
  const rows: RowList<Line> = new RowList({
    viewport,
    height: () => (narrow.matches ? TWO_LINES : ONE_LINE),
    create: createLogRow,
    paint: (element, line) => paintLogRow(element, line, { columns: columnsOf(), words: wordsOf(query.peek()) }),
    isHeld: hold.isHeld,
    onOpen: (line) => (shown.chosen.value = line),
    onCurrent: (line) => {
      if (shown.chosen.peek() !== undefined) shown.chosen.value = line
    },
    onEnd: () => list.more(),
    onTop: (line, isAtTop) => {
      shown.isTop.value = isAtTop
      if (isAtTop) shown.fresh.value = 0
      keep({ anchor: isAtTop ? '' : (line?.key ?? '') })
    },
  })
  const list = new LogList(rows, shown)
  const openRequest = () => {
    const line = rows.current
    if (line?.kind === 'log' && line.row.trace_id !== undefined) openAddress(`/traces/${line.row.trace_id}`)
  }
  const keys = [
    ...stepKeys(rows, 'line'),
    { keys: ['Enter'], says: 'open its request', run: openRequest },
    { keys: ['i'], says: 'its fields', run: () => rows.open() },
    { keys: ['Escape'], says: 'close', run: () => leave(shown) },
    ...lineKeys(() => rows.current),
  ]
  return { list, keys, parts: [rows, hold] }
}

function leave({ chosen }: Shown): void {
  if (chosen.value === undefined) leaveAround()
  chosen.value = undefined
}

function columnsOf(): readonly string[] {
  const cols = param('cols')
  return cols === '' ? [] : cols.split(',')
}

/** What all lines have: said once, and not in each of them. */
function Common({ fields }: { readonly fields: ReadonlyMap<string, string> }): JSX.Element | null {
  const columns = columnsOf()
  if (fields.size === 0 && columns.length === 0) return null
  return (
    <div class="common">
      {columns.map((name) => (
        <button
          key={name}
          type="button"
          title="take the column away"
          onClick={() => change({ cols: columns.filter((other) => other !== name).join(',') })}
        >
          {`${name} ×`}
        </button>
      ))}
      {fields.size > 0 && <span>in all lines:</span>}
      {[...fields].slice(0, 4).map(([name, value]) => (
        <span key={name} class="field">
          <i>{`${name}=`}</i>
          {value}
        </span>
      ))}
    </div>
  )
}

export const logsView: View = { path: '/logs', name: 'Logs', title: 'Logs', component: Logs }
