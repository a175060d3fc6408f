/**
 * What was to be achieved, and whether it was: one row per root task, the newest first; opened in the view of one request.
 */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { watchHold } from '../hold.ts'
import { addKeys } from '../keys.ts'
import { RowList } from '../rows.ts'
import { openAddress, query } from '../state.ts'
import { clearSaid, type View, wantsLive } from '../view.ts'
import { TaskList } from './list.ts'
import type { RootTask } from './root-tasks.ts'
import { createTaskRow, paintTaskRow } from './row.ts'

const WIDE_ROW = 34
const TWO_LINES = 56

function Tasks(): JSX.Element {
  const viewport = useRef<HTMLDivElement>(null)
  const isEmpty = useSignal(false)
  const list = useRef<TaskList>(undefined)
  useEffect(() => {
    const [started, stop] = startList(viewport.current as HTMLDivElement, isEmpty)
    list.current = started
    return stop
  }, [])
  useSignalEffect(() => list.current?.ask())
  useSignalEffect(() => list.current?.follow(wantsLive.value))
  return (
    <section class="requests tasks">
      <h1 class="sr">Tasks</h1>
      <div class="cols">
        <span>began</span>
        <span />
        <span>goal</span>
        <span class="wide">progress</span>
        <span class="wide">process</span>
        <span class="right">took</span>
      </div>
      <div class="list" ref={viewport} role="grid" aria-label="Tasks" tabIndex={0} />
      {isEmpty.value && (
        <div class="empty">
          <p>{query.value === '' ? 'No tasks yet.' : 'No task matches.'}</p>
          <p>An application tells what it is to achieve with “task(goal, fn)” of tracelog.</p>
        </div>
      )}
    </section>
  )
}

function startList(viewport: HTMLElement, isEmpty: Signal<boolean>): [TaskList, () => void] {
  const narrow = matchMedia('(max-width: 640px)')
  const hold = watchHold(viewport, () => rows.release())
  const rows: RowList<RootTask> = new RowList({
    viewport,
    height: () => (narrow.matches ? TWO_LINES : WIDE_ROW),
    create: createTaskRow,
    paint: paintTaskRow,
    isHeld: hold.isHeld,
    onOpen: ({ traceId }) => openAddress(`/traces/${traceId}`),
    onEnd: () => list.more(),
  })
  const list = new TaskList(rows, isEmpty)
  const removeKeys = addKeys([
    { keys: ['j', 'ArrowDown'], says: 'next row', run: () => rows.step(1) },
    { keys: ['k', 'ArrowUp'], says: 'row before', run: () => rows.step(-1) },
    { keys: ['Enter'], says: 'open', run: () => rows.open() },
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

export const tasksView: View = { path: '/tasks', name: 'Tasks', title: 'Tasks', component: Tasks }
