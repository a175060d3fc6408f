/**
 * The whole request in a strip: which service it waited for, and when it failed. A drag looks closer, a double click at all of it again.
 */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'

import { laneClass } from '../lanes.ts'
import { atMillis } from './at-text.ts'
import { joined, type Stretch, stretchOf } from './bars.ts'
import { clockMode, type Look } from './look.ts'
import type { RequestModel } from './model.ts'

const UNITS = 1_000
/** Services that have a line of their own; the others share the last one. */
const MAX_LINES = 6
const LINE = 7
/** A shorter drag was a click. Share of the width. */
const SHORTEST = 0.005

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
      {lanePaths(model).map(({ service, shape }) => (
        <path key={service} class={laneClass(service)} d={shape} />
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

interface LanePath {
  readonly service: string
  /** One shape for all of its parts: a request may have thousands of them. */
  readonly shape: string
}

function lanePaths({ path, outline, tree, whole }: RequestModel): readonly LanePath[] {
  const stretches = new Map<string, Stretch[]>(tree.services.map((service) => [service, []]))
  for (const { row, from, to } of path) {
    const stretch = stretchOf(from, to, { from: 0, to: whole })
    if (stretch !== undefined) stretches.get(outline.rows[row]?.service ?? '')?.push(stretch)
  }
  return [...stretches].map(([service, parts], i) => {
    const y = 3 + Math.min(i, MAX_LINES - 1) * LINE
    const shown = joined(parts.toSorted((a, b) => a.at - b.at))
    return { service, shape: shown.map(({ at, length }) => shapeOf(at * UNITS, y, length * UNITS)).join('') }
  })
}

function shapeOf(x: number, y: number, width: number): string {
  const wide = Math.max(1, width).toFixed(1)
  return `M${x.toFixed(1)} ${y}h${wide}v4h-${wide}z`
}
