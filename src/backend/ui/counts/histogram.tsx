/**
 * How many over time, by outcome or level: a drag chooses a range, a double click takes it away.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import type { Histogram } from '../../../model/api.ts'
import { addKeys } from '../keys.ts'
import { change } from '../state.ts'
import { axisLabels, type Bar, barsOf, rangeOf, shiftedRange, type TimeSpan } from './bars.ts'

const HEIGHT = 44

export function HistogramBar({
  histogram,
  noun,
}: {
  readonly histogram: Histogram | undefined
  readonly noun: string
}): JSX.Element {
  const drag = useSignal<readonly [from: number, to: number] | undefined>(undefined)
  const hovered = useSignal<number | undefined>(undefined)
  useEffect(() => addKeys(keysOf(histogram), true), [histogram])
  const bars = histogram === undefined ? [] : barsOf(histogram, HEIGHT)
  const count = Math.max(1, bars.length)
  const place = (event: MouseEvent & { readonly currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)))
  }
  const choose = () => {
    const range = drag.value
    drag.value = undefined
    if (histogram !== undefined && range !== undefined && range[0] !== range[1]) open(rangeOf(histogram, range))
  }
  const covered = histogram === undefined || histogram.complete ? 0 : uncovered(histogram)
  return (
    <div class="histogram">
      <svg
        viewBox={`0 0 ${count * 10} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={histogram === undefined ? `${noun} over time` : summary(histogram, noun)}
        onMouseDown={(event) => {
          event.preventDefault()
          drag.value = [place(event), place(event)]
        }}
        onMouseMove={(event) => {
          hovered.value = place(event)
          if (drag.value !== undefined) drag.value = [drag.value[0], place(event)]
        }}
        onMouseUp={choose}
        onMouseLeave={() => {
          hovered.value = undefined
          drag.value = undefined
        }}
        onDblClick={() => change({ since: undefined, until: undefined })}
      >
        {covered > 0 && <rect class="uncovered" width={covered * count * 10} height={HEIGHT} />}
        <Bars bars={bars} />
        <Dragged range={drag.value} />
      </svg>
      <div class="axis" aria-hidden="true">
        {histogram !== undefined && axisLabels(histogram).map((label, index) => <span key={index}>{label}</span>)}
      </div>
      {hovered.value !== undefined && bars[hovered.value] !== undefined && (
        <p class="told">{bars[hovered.value]?.says}</p>
      )}
    </div>
  )
}

function Bars({ bars }: { readonly bars: readonly Bar[] }): JSX.Element {
  return (
    <>
      {bars.flatMap(({ parts }, index) =>
        parts.map(({ kind, y, height }) => (
          <rect key={`${index} ${kind}`} class={`bar-${kind}`} x={index * 10 + 1} y={y} width={8.6} height={height} />
        )),
      )}
    </>
  )
}

function Dragged({
  range: [from, to] = [0, 0],
}: {
  readonly range: readonly [number, number] | undefined
}): JSX.Element | null {
  if (from === to) return null
  return <rect class="dragged" x={Math.min(from, to) * 10} width={(Math.abs(to - from) + 1) * 10} height={HEIGHT} />
}

function keysOf(histogram: Histogram | undefined): Parameters<typeof addKeys>[0] {
  if (histogram === undefined) return []
  const shift = (by: number, scale = 1) => open(shiftedRange(histogram, by, scale))
  return [
    { keys: ['['], says: 'earlier', run: () => shift(-1) },
    { keys: [']'], says: 'later', run: () => shift(1) },
    { keys: ['+'], says: 'narrower in time', run: () => shift(0, 0.5) },
    { keys: ['-'], says: 'wider in time', run: () => shift(0, 2) },
  ]
}

function open({ from, to }: TimeSpan): void {
  change({ since: new Date(from).toISOString(), until: new Date(to).toISOString() })
}

/** The share of the whole, at its beginning, that is not counted yet. */
function uncovered({ from, to, covered_from: covered }: Histogram): number {
  return Math.min(1, Math.max(0, (Date.parse(covered) - Date.parse(from)) / (Date.parse(to) - Date.parse(from))))
}

function summary({ series }: Histogram, noun: string): string {
  const sums = Object.entries(series).map(
    ([name, numbers]) => `${numbers.reduce((a, b) => a + b, 0)} ${name.toLowerCase().replace('_', ' ')}`,
  )
  return `${noun} over time: ${sums.join(', ')}`
}
