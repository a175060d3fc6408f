/**
 * Counts of what was read one by one: per step of time, or per value. For sources that cannot count themselves.
 */
import type { FacetValue, Histogram } from '../../model/api.ts'
import { rangeBounds } from '../../model/number-ranges.ts'
import type { Steps } from '../../model/time-step.ts'
import { formatTimestamp } from '../../model/time.ts'

/** Series that are told apart; the rest is in `other`. Source: contract of the API. */
const MAX_SERIES = 20
/** Numbers with more values than this are put into ranges. Source: as above. */
const LISTED_NUMBERS = 50
/** Values of a field that are told apart: more are counted as others. */
const MAX_VALUES = 100_000
const NANOS_PER_MILLI = 1_000_000n

/** Counts per step and series. */
export class StepTally {
  readonly #steps: Steps
  readonly #series = new Map<string, number[]>()

  constructor(steps: Steps) {
    this.#steps = steps
  }

  /** @param time  within the steps. Nanoseconds */
  add(time: bigint, name: string): void {
    const { from, stepMillis } = this.#steps
    const numbers = this.#numbersOf(name)
    const at = Number((time - from) / (BigInt(stepMillis) * NANOS_PER_MILLI))
    numbers[at] = (numbers[at] ?? 0) + 1
  }

  answer(): Histogram {
    const { from, stepMillis, count } = this.#steps
    const byCount = [...this.#series].toSorted(([, a], [, b]) => sumOf(b) - sumOf(a))
    const series = new Map(byCount.slice(0, MAX_SERIES))
    for (const [, numbers] of byCount.slice(MAX_SERIES)) {
      const other = series.get('other') ?? []
      series.set(
        'other',
        Array.from({ length: count }, (_, i) => (other[i] ?? 0) + (numbers[i] ?? 0)),
      )
    }
    return {
      from: formatTimestamp(from),
      to: formatTimestamp(from + BigInt(stepMillis) * NANOS_PER_MILLI * BigInt(count)),
      step_ms: stepMillis,
      series: Object.fromEntries(series),
      complete: true,
      covered_from: formatTimestamp(from),
    }
  }

  #numbersOf(name: string): number[] {
    const known = this.#series.get(name)
    if (known !== undefined) return known
    const numbers = Array.from({ length: this.#steps.count }, () => 0)
    this.#series.set(name, numbers)
    return numbers
  }
}

export interface ValueCounts {
  readonly values: readonly FacetValue[]
  readonly other: number
  readonly missing: number
}

/** Counts per value of one field. */
export class ValueTally {
  readonly #counts = new Map<string, number>()
  #missing = 0
  #beyond = 0

  add(value: string | undefined): void {
    if (value === undefined) this.#missing++
    else if (this.#counts.size >= MAX_VALUES && !this.#counts.has(value)) this.#beyond++
    else this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1)
  }

  answer(limit: number): ValueCounts {
    const numbers = [...this.#counts].map(([value, count]) => ({
      number: value === '' ? Number.NaN : Number(value),
      count,
    }))
    const isWide = numbers.length > LISTED_NUMBERS && this.#beyond === 0
    if (isWide && numbers.every(({ number }) => Number.isFinite(number))) {
      return { values: inRanges(numbers), other: 0, missing: this.#missing }
    }
    const byCount = [...this.#counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    const values = byCount.slice(0, limit).map(([value, count]) => ({ value, count }))
    return {
      values,
      other: this.#beyond + sumOf(byCount.slice(limit).map(([, count]) => count)),
      missing: this.#missing,
    }
  }
}

function inRanges(numbers: readonly { readonly number: number; readonly count: number }[]): FacetValue[] {
  const sorted = numbers.map(({ number }) => number).toSorted((a, b) => a - b)
  const bounds = rangeBounds(sorted[0] as number, sorted.at(-1) as number)
  return bounds.slice(0, -1).flatMap((from, i) => {
    const to = bounds[i + 1] as number
    const count = sumOf(numbers.map((one) => (one.number >= from && one.number < to ? one.count : 0)))
    return count === 0 ? [] : [{ value: `${from} to ${to}`, count, from, to }]
  })
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
