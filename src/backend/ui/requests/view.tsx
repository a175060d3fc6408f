/**
 * The requests, newest first: one row each, painted by row.ts into the list of rows.ts; new ones come in at the top.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import { markKeys } from '../compare/open-compare.ts'
import { Differs } from '../counts/differs.tsx'
import { CountedFrame } from '../counts/frame.tsx'
import { watchHold } from '../hold.ts'
import { addKeys } from '../keys.ts'
import { type StartedList, stepKeys, useLiveList } from '../live-list.ts'
import { RowList } from '../rows.ts'
import { addressOfView, change, keep, openAddress, param, query } from '../state.ts'
import type { View } from '../view.ts'
import { copyKeys } from './copy-keys.ts'
import { RequestList, type RequestItem, type RequestSignals } from './list.ts'
import { createRequestRow, paintRequestRow } from './row.ts'

const WIDE_ROW = 34
const TWO_LINES = 56

interface Shown extends RequestSignals {
  readonly isTop: { value: boolean }
}

function Requests(): JSX.Element {
  const shown = { isEmpty: useSignal(false), isTop: useSignal(true), fresh: useSignal(0) }
  const differs = useSignal(false)
  useEffect(() => addKeys([{ keys: ['d'], says: 'what differs', run: () => (differs.value = true) }]), [])
  const { viewport } = useLiveList((element) => startList(element, shown))
  return (
    <CountedFrame
      of="requests"
      tools={
        <button type="button" class="pill differ" onClick={() => (differs.value = true)}>
          what differs
        </button>
      }
    >
      <section class="requests">
        <h1 class="sr">Requests</h1>
        {shown.fresh.value > 0 && !shown.isTop.value && (
          <button type="button" class="fresh" onClick={() => viewport.current?.scrollTo({ top: 0 })}>
            {`▲ ${shown.fresh.value} new`}
          </button>
        )}
        <Columns />
        <div class="list" ref={viewport} role="grid" aria-label="Requests" tabIndex={0} />
        {shown.isEmpty.value && <NoRequests />}
        <Differs isOpen={differs} />
      </section>
    </CountedFrame>
  )
}

function startList(viewport: HTMLElement, shown: Shown): StartedList<RequestList> {
  const narrow = matchMedia('(max-width: 640px)')
  const hold = watchHold(viewport, () => rows.release())
  const rows: RowList<RequestItem> = new RowList({
    viewport,
    height: () => (narrow.matches ? TWO_LINES : WIDE_ROW),
    create: createRequestRow,
    paint: (row, item) => paintRequestRow(row, item, list.longest),
    isHeld: hold.isHeld,
    onOpen: ({ row }) => openAddress(`/traces/${row.trace_id}`),
    onEnd: () => list.more(),
    onTop: (item, isAtTop) => {
      shown.isTop.value = isAtTop
      if (isAtTop) shown.fresh.value = 0
      keep({ anchor: isAtTop ? '' : (item?.key ?? '') })
    },
  })
  const list = new RequestList(rows, shown)
  const keys = [
    ...stepKeys(rows, 'row'),
    { keys: ['Enter'], says: 'open', run: () => rows.open() },
    { keys: ['e'], says: 'next error', run: () => list.stepToError(1) },
    { keys: ['E'], says: 'error before', run: () => list.stepToError(-1) },
    ...copyKeys(() => rows.current?.row),
    ...markKeys(
      () => rows.current?.row.trace_id,
      () => rows.repaint(),
    ),
  ]
  return { list, keys, parts: [rows, hold] }
}

function Columns(): JSX.Element {
  const isUp = param('order') === 'asc'
  return (
    <div class="cols">
      <button type="button" class="sort" onClick={() => change({ order: isUp ? undefined : 'asc' })}>
        {`began ${isUp ? '↑' : '↓'}`}
      </button>
      <span />
      <span>request</span>
      <span class="wide">went through</span>
      <span class="wide">cache</span>
      <span class="wide">where the time went</span>
      <span class="right">took</span>
    </div>
  )
}

function NoRequests(): JSX.Element {
  if (query.value !== '' || param('since') !== '') return <p class="empty">No request matches.</p>
  return (
    <div class="empty">
      <p>No requests yet.</p>
      <p>Start an application with its records coming here:</p>
      <pre>npx tracelog run -- npm start</pre>
      <p>
        Lines that belong to no request are under{' '}
        <a href={addressOfView('/logs')} data-view>
          Logs
        </a>
        .
      </p>
    </div>
  )
}

export const requestsView: View = { path: '/', name: 'Requests', title: 'Requests', component: Requests }
