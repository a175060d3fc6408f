/**
 * Histogram and facets of what a view asks: asked part by part, the newest first, until all is counted; again when new rows have come.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { Facets, Histogram } from '../../../model/api.ts'
import { ask, timesBack } from '../api.ts'
import { questionOf } from '../question.ts'
import { addFacets, addHistogram } from './add-counts.ts'

/** What is counted. */
export type Of = 'requests' | 'logs'

/** After new rows came. Milliseconds. */
const AGAIN_MILLIS = 5_000
/** Parts of one question at most: then what is there has to do. */
const MOST_PARTS = 40

export class Counts {
  readonly #of: Of
  readonly #timer: ReturnType<typeof setInterval>
  readonly #histogram = signal<Histogram | undefined>(undefined)
  readonly #facets = signal<Facets | undefined>(undefined)
  #asking: AbortController | undefined
  #fields: readonly string[] = []
  #isOld = false

  constructor(of: Of) {
    this.#of = of
    this.#timer = setInterval(() => {
      if (!this.#isOld || document.hidden) return
      this.#isOld = false
      this.#ask(questionOf())
    }, AGAIN_MILLIS)
  }

  get histogram(): ReadonlySignal<Histogram | undefined> {
    return this.#histogram
  }

  get facets(): ReadonlySignal<Facets | undefined> {
    return this.#facets
  }

  /** Asks what the address asks. Reads signals: again whenever they change. */
  ask(fields: readonly string[]): void {
    this.#fields = fields
    void timesBack.value
    this.#ask(questionOf())
  }

  /** Rows have come that are not counted yet. */
  grew(): void {
    this.#isOld = true
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#asking?.abort()
  }

  #ask({ q = '', since = '', until = '' }: Readonly<Record<string, string>>): void {
    this.#asking?.abort()
    this.#asking = new AbortController()
    const { signal: stop } = this.#asking
    const params = { q, since, until, of: this.#of }
    this.#parts<Histogram>('histogram', params, {
      stop,
      add: addHistogram,
      show: (histogram) => (this.#histogram.value = histogram),
    }).catch(ignored)
    const fields = this.#fields.join(',')
    this.#parts<Facets>(
      'facets',
      { ...params, fields },
      { stop, add: addFacets, show: (facets) => (this.#facets.value = facets) },
    ).catch(ignored)
  }

  async #parts<T extends Histogram | Facets>(
    path: string,
    params: Readonly<Record<string, string>>,
    {
      stop,
      add,
      show,
    }: { readonly stop: AbortSignal; readonly add: (newer: T, older: T) => T; readonly show: (sum: T) => void },
  ): Promise<void> {
    let sum = (await ask(path, params, stop)) as T
    show(sum)
    for (let part = 1; part < MOST_PARTS && !sum.complete && !stop.aborted; part++) {
      const step = 'step_ms' in sum ? { step_ms: String(sum.step_ms) } : {}
      // oxlint-disable-next-line no-await-in-loop -- each part begins where the one before it ended
      const older = (await ask(path, { ...params, ...step, until: sum.covered_from }, stop)) as T
      sum = add(sum, older)
      show(sum)
    }
  }
}

/** What is wrong with a query is said by the list; counts stay as they were. */
function ignored(): void {}
