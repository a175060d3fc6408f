/**
 * Which tasks the list shows: of the records that a page has and that the tail brings.
 */
import type { Signal } from '@preact/signals'

import type { LogRow, LogsPage } from '../../../model/api.ts'
import { ask, timesBack } from '../api.ts'
import { listen } from '../live.ts'
import { questionOf } from '../question.ts'
import type { RowList } from '../rows.ts'
import { arrived, counted, problem, showRefusal } from '../view.ts'
import { type RootTask, RootTasks, TASKS_QUERY } from './root-tasks.ts'

const PAGE = '500'
/** A task that runs counts up. Milliseconds. */
const TICK = 1_000

export class TaskList {
  readonly #rows: RowList<RootTask>
  readonly #isEmpty: Signal<boolean>
  readonly #timer: ReturnType<typeof setInterval>
  #tasks = new RootTasks()
  #shown: readonly RootTask[] = []
  #cursor: string | null = null
  #asking: AbortController | undefined
  #stopListening: (() => void) | undefined

  constructor(rows: RowList<RootTask>, isEmpty: Signal<boolean>) {
    this.#rows = rows
    this.#isEmpty = isEmpty
    this.#timer = setInterval(() => {
      if (this.#shown.some(({ status }) => status === undefined)) rows.repaint()
    }, TICK)
  }

  /** Asks what the address asks. Reads signals: again whenever they change. */
  ask(): void {
    questionOf()
    void timesBack.value
    this.#fetch(true)
  }

  /** Hears of new ones, or does not. Reads signals. */
  follow(wants: boolean): void {
    const { q = '', until } = questionOf()
    this.#stopListening?.()
    this.#stopListening = undefined
    if (!wants || until !== '') return
    this.#stopListening = listen(asked(q), {
      on: {
        log: (row) => {
          arrived.value++
          if (this.#tasks.add(row as LogRow)) this.#show()
        },
      },
      resumed: (isTold) => {
        if (!isTold) this.#fetch(true)
      },
    })
  }

  more(): void {
    if (this.#cursor !== null && this.#asking === undefined) this.#fetch(false)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#asking?.abort()
    this.#stopListening?.()
  }

  #fetch(isFirst: boolean): void {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    const { q = '', ...others } = questionOf()
    const params = { ...others, order: '', q: asked(q), limit: PAGE, cursor: isFirst ? '' : (this.#cursor ?? '') }
    ask('logs', params, asking.signal)
      .then((page) => {
        problem.value = undefined
        if (isFirst) this.#tasks = new RootTasks()
        const { logs, next_cursor: cursor } = page as LogsPage
        this.#cursor = cursor
        for (const row of logs) this.#tasks.add(row)
        this.#show()
      }, showRefusal)
      .finally(() => {
        if (this.#asking === asking) this.#asking = undefined
      })
  }

  #show(): void {
    const before = this.#shown
    this.#shown = this.#tasks.rows()
    const { length } = this.#shown
    counted.value = `${length.toLocaleString('en')}${this.#cursor === null ? '' : '+'} tasks`
    this.#isEmpty.value = length === 0
    const first = before[0]?.key
    const above =
      first === undefined
        ? 0
        : Math.max(
            0,
            this.#shown.findIndex(({ key }) => key === first),
          )
    this.#rows.setRows(this.#shown, above)
    this.#rows.repaint()
  }
}

function asked(q: string): string {
  return q === '' ? TASKS_QUERY : `(${q}) ${TASKS_QUERY}`
}
