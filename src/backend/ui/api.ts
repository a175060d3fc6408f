/**
 * Questions to the query API, and whether the backend is there.
 *
 * The first answer came inside the page (`#first`), so that the first rows need no second round trip.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { Failure, ServiceRow } from '../../model/api.ts'

const API = '/api/v1/'
/** Before a backend that is gone is asked again; doubled each time. Milliseconds. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/** A question that the backend refused. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  /** The column of a query text, from 0. */
  readonly at: number | undefined

  constructor(status: number, { error }: Failure) {
    super(error.message)
    this.name = 'Refused'
    this.status = status
    this.code = error.code
    this.at = error.at
  }
}

/** What the page brought with it: the answer of its view's first question, or why there is none. */
export interface First {
  readonly answer?: unknown
  readonly failure?: Failure
  readonly services: readonly ServiceRow[]
}

const gone = signal(false)
const returns = signal(0)

/** True while the backend does not answer; it is asked again and again. */
export const isGone: ReadonlySignal<boolean> = gone
/** Grows each time the backend is back: whoever shows something asks again. */
export const timesBack: ReadonlySignal<number> = returns

/** Asks. @throws Refused; whatever fetch throws, and then `isGone` is true until the backend is back */
export async function ask(
  path: string,
  params: Readonly<Record<string, string>> = {},
  stop?: AbortSignal,
): Promise<unknown> {
  const text = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== '')).toString()
  const response = await fetch(
    `${API}${path}${text === '' ? '' : `?${text}`}`,
    stop === undefined ? {} : { signal: stop },
  ).catch((error: unknown) => {
    if (stop?.aborted !== true) isNowGone()
    throw error
  })
  const body = (await response.json()) as unknown
  if (response.ok) return body
  throw new Refused(response.status, body as Failure)
}

/** Says that an answer did not come, and asks until one does. */
export function isNowGone(): void {
  if (gone.peek()) return
  gone.value = true
  let wait = FIRST_WAIT
  const retry = () => {
    fetch(`${API}services`).then((response) => {
      if (response.status >= 500) return again()
      gone.value = false
      returns.value++
    }, again)
  }
  const again = () => {
    wait = Math.min(LONGEST_WAIT, wait * 2)
    setTimeout(retry, wait)
  }
  setTimeout(retry, wait)
}

let first: First | undefined

/** What came inside the page. Read once at the start. */
export function readFirst(): First {
  const text = document.getElementById('first')?.textContent ?? ''
  first = text === '' ? { services: [] } : (JSON.parse(text) as First)
  return first
}

/** The first answer, for the view that the page was opened with; it can be taken once. */
export function takeFirst(): { readonly answer: unknown } | Refused | undefined {
  const taken = first
  first = undefined
  if (taken?.failure !== undefined) return new Refused(400, taken.failure)
  return taken?.answer === undefined ? undefined : { answer: taken.answer }
}
