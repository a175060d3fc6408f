/**
 * Which lines the list shows: pages as they are scrolled to, what the tail says, and how many were too many.
 *
 * What comes is painted every 100 ms, 200 lines at most: the rest is counted in a row of its own. Nothing moves under the reader: rows.ts
 * holds the row at the top while the list is scrolled, hovered or has a selection.
 */
import type { Signal } from '@preact/signals'

import type { LogRow, LogsAround, LogsPage } from '../../../model/api.ts'
import { rowId } from '../../../model/log-row.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { listen } from '../live.ts'
import { questionOf } from '../question.ts'
import type { RowList } from '../rows.ts'
import { kept, param } from '../state.ts'
import { arrived, counted, problem, showRefusal } from '../view.ts'
import { ChunkedRows } from './chunked-rows.ts'
import { commonFields, type Line, lineOf, note } from './line.ts'

const PAGE = '100'
/** Lines on each side of one. */
const AROUND = '100'
const MOST_LINES = 100_000
const FLUSH_MILLIS = 100
/** Of one flush. */
const MOST_NEW = 200

/** What the view shows beside the lines. */
export interface LogSignals {
  readonly isEmpty: Signal<boolean>
  /** Came in above since the reader was at the top. */
  readonly fresh: Signal<number>
  readonly common: Signal<ReadonlyMap<string, string>>
}

export class LogList {
  readonly #rows: RowList<Line>
  readonly #signals: LogSignals
  readonly #timer: ReturnType<typeof setInterval>
  #lines = emptyLines()
  #known = new Set<string>()
  #waiting: LogRow[] = []
  #tooMany = 0
  /** Between what is shown and what waits there is more. */
  #isCutOff = false
  #notes = 0
  #cursor: string | null = null
  #question: Readonly<Record<string, string>> = {}
  #asking: AbortController | undefined
  #isFetching = false
  #stopListening: (() => void) | undefined

  constructor(rows: RowList<Line>, signals: LogSignals) {
    this.#rows = rows
    this.#signals = signals
    this.#timer = setInterval(() => this.#flush(), FLUSH_MILLIS)
  }

  /** Asks what the address asks. Reads signals: again whenever they change. */
  ask(): void {
    this.#question = questionOf()
    void timesBack.value
    this.#signals.fresh.value = 0
    const around = param('around')
    const same = param('same')
    const first = takeFirst()
    if (around !== '') return this.#fetchAround(around, same)
    if (first instanceof Refused) {
      this.#signals.isEmpty.value = true
      showRefusal(first)
    } else if (first === undefined) this.#fetch(true)
    else this.#take(first.answer as LogsPage, true)
  }

  /** Hears of new ones, or does not. Reads signals. */
  follow(wants: boolean): void {
    const { q = '', order, until } = questionOf()
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#waiting = []
    if (!wants || order === 'asc' || until !== '' || param('around') !== '') return
    this.#stopListening = listen(q, {
      on: {
        log: (row) => this.#hear(row as LogRow),
        gap: (gap) => (this.#tooMany += (gap as { readonly dropped: number }).dropped),
      },
      resumed: (isTold) => {
        if (!isTold) this.#catchUp()
      },
    })
  }

  more(): void {
    if (this.#cursor !== null && !this.#isFetching && !this.#lines.isCut) this.#fetch(false)
  }

  /** The records that the list has, the newest first. */
  records(): readonly LogRow[] {
    const records: LogRow[] = []
    for (let index = 0; index < this.#lines.length; index++) {
      const line = this.#lines.at(index)
      if (line?.kind === 'log') records.push(line.row)
    }
    return records
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#asking?.abort()
    this.#stopListening?.()
  }

  #fetch(isFirst: boolean): void {
    this.#asking?.abort()
    this.#asking = new AbortController()
    this.#isFetching = true
    const { signal } = this.#asking
    const params = { ...this.#question, limit: PAGE, cursor: isFirst ? '' : (this.#cursor ?? '') }
    ask('logs', params, signal)
      .then((page) => this.#take(page as LogsPage, isFirst), showRefusal)
      .finally(() => {
        if (!signal.aborted) this.#isFetching = false
      })
  }

  /** The lines before and after one, whatever the query asks. */
  #fetchAround(id: string, same: string): void {
    this.#asking?.abort()
    this.#asking = new AbortController()
    ask(`logs/${encodeURIComponent(id)}/around`, { same, before: AROUND, after: AROUND }, this.#asking.signal).then(
      (answer) => {
        const logs = (answer as LogsAround).logs.toReversed()
        this.#take({ logs, next_cursor: null, took_ms: 0 }, true)
        this.#rows.select(
          Math.max(
            0,
            logs.findIndex((row) => row['anchor'] === true),
          ),
        )
      },
      showRefusal,
    )
  }

  /** What came while nobody listened, without moving what is read. */
  #catchUp(): void {
    ask('logs', { ...this.#question, limit: String(MOST_NEW) }).then((page) => {
      const { logs } = page as LogsPage
      const missed = logs.filter((row) => !this.#known.has(rowId(row)))
      const isAll = missed.length < logs.length || this.#lines.length === 0
      if (missed.length === 0) return
      if (!isAll) this.#isCutOff = true
      for (const row of missed.toReversed()) this.#hear(row)
    }, showRefusal)
  }

  #take({ logs, next_cursor: cursor }: LogsPage, isFirst: boolean): void {
    problem.value = undefined
    this.#cursor = cursor
    if (isFirst) {
      this.#lines = emptyLines()
      this.#known = new Set()
      this.#signals.common.value = commonFields(logs)
    }
    for (const row of logs) {
      const line = this.#newLine(row)
      if (line !== undefined) this.#lines.addOlder(line)
    }
    this.#show()
    this.#rows.repaint()
    if (isFirst) this.#restore(logs)
  }

  /** Where the reader was, when the browser's history brings this place back. */
  #restore(logs: readonly LogRow[]): void {
    const { anchor } = kept()
    const index = anchor === undefined ? -1 : logs.findIndex((row) => lineOf(row).key === anchor)
    this.#rows.scrollTo(Math.max(0, index))
  }

  #hear(row: LogRow): void {
    arrived.value++
    this.#waiting.push(row)
    // Counted at once: a burst is not kept until it is painted.
    if (this.#waiting.length > 2 * MOST_NEW) {
      this.#tooMany += this.#waiting.length - MOST_NEW
      this.#waiting = this.#waiting.slice(-MOST_NEW)
    }
  }

  #flush(): void {
    if (this.#waiting.length === 0 && this.#tooMany === 0) return
    const shown = this.#waiting.slice(-MOST_NEW)
    const left = this.#tooMany + this.#waiting.length - shown.length
    this.#waiting = []
    this.#tooMany = 0
    let above = 0
    if (left > 0 || this.#isCutOff) {
      above++
      const words = this.#isCutOff
        ? 'More came meanwhile: not shown here'
        : `${left.toLocaleString('en')} more not shown`
      this.#lines.addNewer(note(`note ${this.#notes++}`, words))
      this.#isCutOff = false
    }
    for (const row of shown) {
      const line = this.#newLine(row)
      if (line === undefined) continue
      this.#lines.addNewer(line)
      above++
    }
    if (!this.#rows.isFollowing) this.#signals.fresh.value += above
    this.#show(above)
  }

  /** @returns undefined for one that is there: the tail says again what a page has told */
  #newLine(row: LogRow): Line | undefined {
    const line = lineOf(row, this.#signals.common.peek())
    if (this.#known.has(line.key)) return undefined
    this.#known.add(line.key)
    // Only neighbours can come twice.
    if (this.#known.size > 2 * MOST_LINES) this.#known = new Set([line.key])
    return line
  }

  #show(above = 0): void {
    const { length } = this.#lines
    counted.value = `${length.toLocaleString('en')}${this.#cursor === null ? '' : '+'} lines`
    this.#signals.isEmpty.value = length === 0
    this.#rows.setRows(this.#lines, above)
  }
}

function emptyLines(): ChunkedRows<Line> {
  return new ChunkedRows<Line>(MOST_LINES, (dropped) =>
    note('dropped', `${dropped.toLocaleString('en')} older lines were let go: a narrower query or time shows them`),
  )
}
