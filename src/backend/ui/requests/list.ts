/**
 * Which requests the list shows: pages as they are scrolled to, and those that the tail tells of, each once.
 *
 * A query that is refused says why and leaves the last good rows.
 */
import type { Signal } from '@preact/signals'

import type { RequestRow, RequestsPage } from '../../../model/api.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { listen } from '../live.ts'
import { questionOf } from '../question.ts'
import type { RowList } from '../rows.ts'
import { kept } from '../state.ts'
import { arrived, counted, problem, showRefusal } from '../view.ts'

const PAGE = '100'
/** Rows that are running count up. Milliseconds. */
const TICK = 1_000

/** A row as the list keeps it; another object when it changes, so that it is painted again. */
export interface RequestItem {
  readonly key: string
  readonly row: RequestRow
}

/** What the view shows beside the rows. */
export interface RequestSignals {
  readonly isEmpty: Signal<boolean>
  /** Came in above since the reader was at the top. */
  readonly fresh: Signal<number>
}

const itemOf = (row: RequestRow): RequestItem => ({ key: `${row.trace_id} ${row.span_id}`, row })

export class RequestList {
  readonly #rows: RowList<RequestItem>
  readonly #signals: RequestSignals
  readonly #timer: ReturnType<typeof setInterval>
  #items: readonly RequestItem[] = []
  #longest = 1
  #cursor: string | null = null
  #question: Readonly<Record<string, string>> = {}
  #asking: AbortController | undefined
  #isFetching = false
  #stopListening: (() => void) | undefined

  constructor(rows: RowList<RequestItem>, signals: RequestSignals) {
    this.#rows = rows
    this.#signals = signals
    this.#timer = setInterval(() => {
      if (this.#items.some(({ row }) => row.duration_ms === null)) rows.repaint()
    }, TICK)
  }

  /** Milliseconds of the longest row: the scale of all strips. */
  get longest(): number {
    return this.#longest
  }

  /** Asks what the address asks. Reads signals: again whenever they change. */
  ask(): void {
    this.#question = questionOf()
    void timesBack.value
    this.#signals.fresh.value = 0
    const first = takeFirst()
    if (first instanceof Refused) {
      this.#signals.isEmpty.value = true
      showRefusal(first)
    } else if (first === undefined) this.#fetch(true)
    else this.#take(first.answer as RequestsPage, true)
  }

  /** Hears of new ones, or does not. Reads signals. */
  follow(wants: boolean): void {
    const { q = '', order, until } = questionOf()
    this.#stopListening?.()
    this.#stopListening = undefined
    // Where the oldest come first, or the end is past, what comes now is not among them.
    if (!wants || order === 'asc' || until !== '') return
    this.#stopListening = listen(q, {
      on: { request: (row) => this.#hear(row as RequestRow) },
      resumed: () => this.#catchUp(),
    })
  }

  more(): void {
    if (this.#cursor !== null && !this.#isFetching) this.#fetch(false)
  }

  stepToError(by: 1 | -1): void {
    const { current } = this.#rows
    const from = current === undefined ? -1 : this.#items.indexOf(current)
    for (let at = from + by; at >= 0 && at < this.#items.length; at += by) {
      if (this.#items[at]?.row.outcome === 'error') return this.#rows.select(at)
    }
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
    ask('requests', params, signal)
      .then((page) => this.#take(page as RequestsPage, isFirst), showRefusal)
      .finally(() => {
        if (!signal.aborted) this.#isFetching = false
      })
  }

  /** What came while nobody listened, without moving what is read; all anew when too much came. */
  #catchUp(): void {
    ask('requests', { ...this.#question, limit: PAGE }).then((page) => {
      const { requests } = page as RequestsPage
      const known = new Set(this.#items.map(({ key }) => key))
      if (!requests.some((row) => known.has(itemOf(row).key))) return this.#take(page as RequestsPage, true)
      for (const row of requests.toReversed()) this.#hear(row)
    }, showRefusal)
  }

  #take({ requests, next_cursor: cursor }: RequestsPage, isFirst: boolean): void {
    const known = new Set(isFirst ? [] : this.#items.map(({ key }) => key))
    const added = requests.map(itemOf).filter(({ key }) => !known.has(key))
    this.#items = isFirst ? added : [...this.#items, ...added]
    this.#cursor = cursor
    problem.value = undefined
    this.#show()
    this.#rows.repaint()
    if (isFirst) this.#restore()
  }

  /** Where the reader was, when the browser's history brings this place back. */
  #restore(): void {
    const { anchor } = kept()
    const index = this.#items.findIndex(({ key }) => key === anchor)
    this.#rows.scrollTo(Math.max(0, index))
  }

  #hear(row: RequestRow): void {
    arrived.value++
    const item = itemOf(row)
    const at = this.#items.findIndex(({ key }) => key === item.key)
    this.#items = at < 0 ? [item, ...this.#items] : this.#items.with(at, item)
    if (at < 0 && !this.#rows.isFollowing) this.#signals.fresh.value++
    this.#show(at < 0 ? 1 : 0)
  }

  #show(above = 0): void {
    const { length } = this.#items
    this.#longest = Math.max(1, ...this.#items.map(({ row }) => row.duration_ms ?? 0))
    counted.value = `${length.toLocaleString('en')}${this.#cursor === null ? '' : '+'} requests`
    this.#signals.isEmpty.value = length === 0
    this.#rows.setRows(this.#items, above)
  }
}
