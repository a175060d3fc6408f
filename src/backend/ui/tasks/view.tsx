/**
 * What was to be achieved, and whether it was: one row per root task, the newest first; opened in the view of one request.
 */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'

import { watchHold } from '../hold.ts'
import { type StartedList, stepKeys, useLiveList } from '../live-list.ts'
import { RowList } from '../rows.ts'
import { openAddress, query } from '../state.ts'
import type { View } from '../view.ts'
import { TaskList } from './list.ts'
import type { RootTask } from './root-tasks.ts'
import { createTaskRow, paintTaskRow } from './row.ts'

const WIDE_ROW = 34
const TWO_LINES = 56

function Tasks(): JSX.Element {
  const isEmpty = useSignal(false)
  const { viewport } = useLiveList((element) => startList(element, isEmpty))
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

function startList(viewport: HTMLElement, isEmpty: Signal<boolean>): StartedList<TaskList> {
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
  const keys = [...stepKeys(rows, 'row'), { keys: ['Enter'], says: 'open', run: () => rows.open() }]
  return { list, keys, parts: [rows, hold] }
}

export const tasksView: View = { path: '/tasks', name: 'Tasks', title: 'Tasks', component: Tasks }
