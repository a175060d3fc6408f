/**
 * A histogram as bars: heights, words and times. Pure.
 */
import type { Histogram } from '../../../model/api.ts'

/** Milliseconds since the epoch. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
}

export interface Bar {
  /** From below: what failed, what is doubtful, the rest. */
  readonly parts: readonly { readonly kind: 'bad' | 'doubtful' | 'rest'; readonly y: number; readonly height: number }[]
  /** `14:32:06: 12 ok, 1 error`. */
  readonly says: string
}

const BAD: ReadonlySet<string> = new Set(['error', 'ERROR', 'FATAL'])
const DOUBTFUL: ReadonlySet<string> = new Set(['client_error', 'aborted', 'WARN'])
/** So that one failure among thousands is seen. */
const LEAST_HEIGHT = 2
const DAY_MILLIS = 86_400_000

export function barsOf(histogram: Histogram, height: number): readonly Bar[] {
  const series = Object.entries(histogram.series)
  const count = Math.round((Date.parse(histogram.to) - Date.parse(histogram.from)) / histogram.step_ms)
  const sums = Array.from({ length: count }, (_, index) =>
    series.reduce((sum, [, numbers]) => sum + (numbers[index] ?? 0), 0),
  )
  const highest = Math.max(1, ...sums)
  return sums.map((_, index) => {
    const counts = series
      .map(([name, numbers]) => ({ name, count: numbers[index] ?? 0 }))
      .filter(({ count: each }) => each > 0)
    return { parts: stacked(counts, height / highest, height), says: saying(histogram, index, counts) }
  })
}

interface Named {
  readonly name: string
  readonly count: number
}

function stacked(counts: readonly Named[], scale: number, height: number): Bar['parts'] {
  let y = height
  return (['bad', 'doubtful', 'rest'] as const).flatMap((kind) => {
    const sum = counts.filter(({ name }) => kindOf(name) === kind).reduce((total, { count }) => total + count, 0)
    if (sum === 0) return []
    const tall = Math.min(y, Math.max(LEAST_HEIGHT, sum * scale))
    y -= tall
    return [{ kind, y, height: tall }]
  })
}

function kindOf(name: string): 'bad' | 'doubtful' | 'rest' {
  return BAD.has(name) ? 'bad' : DOUBTFUL.has(name) ? 'doubtful' : 'rest'
}

function saying({ from, step_ms: step }: Histogram, index: number, counts: readonly Named[]): string {
  const words = counts.map(({ name, count }) => `${count.toLocaleString('en')} ${name.toLowerCase().replace('_', ' ')}`)
  return `${clock(Date.parse(from) + index * step, step)}: ${words.join(', ') || 'none'}`
}

function clock(time: number, step: number): string {
  const text = new Date(time).toISOString()
  return step >= DAY_MILLIS ? text.slice(0, 10) : step >= 1_000 ? text.slice(11, 19) : text.slice(11, 23)
}

/** Five times, evenly. */
export function axisLabels({ from, to }: Histogram): readonly string[] {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const text = new Date(begin + (end - begin) * share).toISOString()
    return end - begin > DAY_MILLIS
      ? text.slice(5, 16).replace('T', ' ')
      : end - begin > 600_000
        ? text.slice(11, 16)
        : text.slice(11, 19)
  })
}

/** Of bars, both included, in either order. */
export function rangeOf({ from, step_ms: step }: Histogram, [a, b]: readonly [number, number]): TimeSpan {
  const begin = Date.parse(from)
  return { from: begin + Math.min(a, b) * step, to: begin + (Math.max(a, b) + 1) * step }
}

/** Moved by its own length, or narrower and wider round its middle. */
export function shiftedRange({ from, to }: Histogram, by: number, scale: number): TimeSpan {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const half = Math.max(1, Math.round(((end - begin) * scale) / 2))
  const middle = Math.round((begin + end) / 2 + by * (end - begin))
  return { from: middle - half, to: middle + half }
}
