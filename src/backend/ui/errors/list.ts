/**
 * Which errors the list shows: asked again every few seconds, and as far back as the backend needs longer for.
 *
 * A query that is refused says why and leaves the last good rows.
 */
import type { Signal } from '@preact/signals'

import type { ErrorRow, Errors } from '../../../model/api.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { addressOf, otherView } from '../address.ts'
import { questionOf } from '../question.ts'
import type { RowList } from '../rows.ts'
import { place } from '../state.ts'
import { counted, problem, showRefusal } from '../view.ts'

const LIMIT = '200'
/** Between two questions while the page is live. Milliseconds. */
const EACH = 5_000
/** What is not counted within the first answer's time is asked for once more, with this one. Milliseconds. */
const LONG_BUDGET = '10000'

/** A row as the list keeps it; another object when it changes, so that it is painted again. */
export interface ErrorItem {
  readonly row: ErrorRow
}

export interface ErrorListOptions {
  readonly isEmpty: Signal<boolean>
  /** Whether the reader is at the list: then rows stay where they are. */
  readonly isHeld: () => boolean
}

export class ErrorList {
  readonly #rows: RowList<ErrorItem>
  readonly #options: ErrorListOptions
  #items: readonly ErrorItem[] = []
  #question: Readonly<Record<string, string>> = {}
  #asking: AbortController | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  /** What came while the reader was at the list. */
  #held: Errors | undefined

  constructor(rows: RowList<ErrorItem>, options: ErrorListOptions) {
    this.#rows = rows
    this.#options = options
  }

  /** Asks what the address asks. Reads signals: again whenever they change. */
  ask(): void {
    const { q = '', since = '', until = '' } = questionOf()
    this.#question = { q, since, until, limit: LIMIT }
    void timesBack.value
    const first = takeFirst()
    if (first instanceof Refused) {
      this.#options.isEmpty.value = true
      showRefusal(first)
    } else if (first === undefined) this.#fetch(true)
    else this.#take(first.answer as Errors, true)
  }

  /** Asks again and again, or does not. */
  follow(wants: boolean): void {
    clearInterval(this.#timer)
    if (wants) this.#timer = setInterval(() => document.hidden || this.#fetch(false), EACH)
  }

  /** The reader has let go. */
  release(): void {
    const answer = this.#held
    this.#held = undefined
    if (answer !== undefined) this.#show(answer)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#asking?.abort()
  }

  #fetch(isAnew: boolean, further: Readonly<Record<string, string>> = {}): void {
    this.#asking?.abort()
    this.#asking = new AbortController()
    ask('errors', { ...this.#question, ...further }, this.#asking.signal).then((answer) => {
      this.#take(answer as Errors, isAnew, further['budget_ms'] !== undefined)
    }, showRefusal)
  }

  #take(answer: Errors, isAnew: boolean, isLong = false): void {
    problem.value = undefined
    this.#held = undefined
    if (!isAnew && this.#options.isHeld()) this.#held = answer
    else this.#show(answer)
    if (!answer.complete && !isLong) this.#fetch(isAnew, { budget_ms: LONG_BUDGET })
  }

  /** The current row stays current, wherever its error is now. */
  #show({ errors, complete, covered_from: from }: Errors): void {
    const current = this.#rows.current?.row.key
    const isSame = JSON.stringify(errors) === JSON.stringify(this.#items.map(({ row }) => row))
    if (!isSame) this.#items = errors.map((row) => ({ row }))
    const length = this.#items.length
    counted.value = `${length === 1 ? '1 error' : `${length.toLocaleString('en')} errors`}${complete ? '' : ` since ${from.slice(11, 19)}`}`
    this.#options.isEmpty.value = length === 0
    if (isSame && length > 0) return
    this.#rows.setRows(this.#items)
    this.#rows.repaint()
    const index = this.#items.findIndex(({ row }) => row.key === current)
    if (current !== undefined && index >= 0) this.#rows.select(index)
  }
}

/** The newest request that it struck; its records where it struck none. */
export function requestOf(row: ErrorRow): string {
  return row.newest_trace === undefined ? recordsOf(row) : `/traces/${row.newest_trace}`
}

/** Its records, of the same time. */
export function recordsOf({ key }: ErrorRow): string {
  const logs = otherView(place.value, '/logs')
  logs.params.set('q', `pattern:${key}`)
  return addressOf(logs)
}
