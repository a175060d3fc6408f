/**
 * The whole request in a strip: which service it waited for, and when it failed. A drag looks closer, a double click at all of it again.
 */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'

import { laneClass } from '../lanes.ts'
import { atMillis } from './at-text.ts'
import { stretchOf, type TimeWindow } from './bars.ts'
import { clockMode, type Look } from './look.ts'
import type { RequestModel } from './model.ts'

const UNITS = 1_000
/** Services that have a line of their own; the others share the last one. */
const MAX_LINES = 6
const LINE = 7
/** A shorter drag was a click. Share of the width. */
const SHORTEST = 0.005
/** Parts that are drawn: thinner ones cannot be seen. */
const MAX_PARTS = 2_000

export function Minimap({ model, look }: { readonly model: RequestModel; readonly look: Look }): JSX.Element {
  const element = useRef<SVGSVGElement>(null)
  const from = useRef<number>(undefined)
  const { tree, whole } = model
  const lines = Math.min(MAX_LINES, Math.max(1, tree.services.length))
  const at = (event: MouseEvent): number => {
    const box = element.current?.getBoundingClientRect()
    return box === undefined || box.width === 0 ? 0 : Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const end = (event: MouseEvent): void => {
    const [low = 0, high = 0] = [from.current ?? at(event), at(event)].toSorted((a, b) => a - b)
    from.current = undefined
    if (high - low > SHORTEST) look.zoom.value = { from: low * whole, to: high * whole }
  }
  const zoom = look.zoom.value
  return (
    <div class="mini">
      <svg
        ref={element}
        viewBox={`0 0 ${UNITS} ${lines * LINE + 3}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="What the request waited for, by service"
        onPointerDown={(event) => {
          from.current = at(event)
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={end}
        onDblClick={() => {
          look.zoom.value = undefined
        }}
      >
        <Shapes model={model} look={look} />
      </svg>
      {zoom !== undefined && (
        <button type="button" class="whole" onClick={() => (look.zoom.value = undefined)}>
          whole request
        </button>
      )}
    </div>
  )
}

function Shapes({ model, look }: { readonly model: RequestModel; readonly look: Look }): JSX.Element {
  const { whole, outline, marks } = model
  const failed = outline.rows[marks.failed]
  const zoom = look.zoom.value
  return (
    <>
      {partsOf(model, { from: 0, to: whole }).map(({ key, line, className, x, width }) => (
        <rect key={key} class={className} x={x} y={3 + line * LINE} width={width} height={4} rx={1} />
      ))}
      {failed !== undefined && whole > 0 && (
        <rect
          class="mark-error"
          x={(atMillis(failed, clockMode()) / whole) * UNITS - 1}
          y={0}
          width={2}
          height="100%"
        />
      )}
      {zoom !== undefined && whole > 0 && (
        <rect
          class="zoomed"
          x={(zoom.from / whole) * UNITS}
          y={0}
          width={((zoom.to - zoom.from) / whole) * UNITS}
          height="100%"
        />
      )}
    </>
  )
}

interface Part {
  readonly key: string
  readonly line: number
  readonly className: string
  readonly x: number
  readonly width: number
}

function partsOf({ path, outline, tree }: RequestModel, window: TimeWindow): Part[] {
  const step = Math.max(1, Math.ceil(path.length / MAX_PARTS))
  const lineOf = new Map(tree.services.map((service, i) => [service, Math.min(i, MAX_LINES - 1)]))
  return path.flatMap(({ row, from, to }, i): Part[] => {
    const { service = '' } = outline.rows[row] ?? {}
    const stretch = stretchOf(from, to, window)
    if (stretch === undefined || (i % step !== 0 && stretch.length < 0.002)) return []
    const line = lineOf.get(service) ?? 0
    const width = Math.max(1, stretch.length * UNITS)
    return [{ key: `${row} ${from}`, line, className: laneClass(service), x: stretch.at * UNITS, width }]
  })
}
