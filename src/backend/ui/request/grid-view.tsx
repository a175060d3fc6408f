/**
 * The five columns of one request: the head of the columns with its axis, the grid below it, one line through all rows at the pointer.
 */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX, RefObject } from 'preact'

import { axisMarks, type TimeWindow } from './bars.ts'

export interface GridViewProps {
  readonly viewport: RefObject<HTMLDivElement | null>
  readonly window: TimeWindow
  readonly label: string
  /** Lies over the rows. */
  readonly children?: ComponentChildren
}

const SMALLEST = 15
const LARGEST = 60
const STEP = 2

export function GridView({ viewport, window, label, children }: GridViewProps): JSX.Element {
  const cross = useSignal<{ readonly x: number; readonly at: number } | undefined>(undefined)
  const whole = window.to - window.from
  const follow = (event: PointerEvent): void => {
    const box = axisBox(event.currentTarget as HTMLElement)
    const x = box === undefined ? -1 : (event.clientX - box.left) / box.width
    const outer = (event.currentTarget as HTMLElement).getBoundingClientRect()
    cross.value = x < 0 || x > 1 ? undefined : { x: event.clientX - outer.left, at: window.from + x * whole }
  }
  return (
    <div class="story-grid" onPointerMove={follow} onPointerLeave={() => (cross.value = undefined)}>
      <div class="line titles" aria-hidden="true">
        <div class="at">+ms</div>
        <div class="svc">service</div>
        <div class="what">what happened</div>
        <div class="took">took</div>
        <div class="bar axis">
          {axisMarks(window).map((mark) => (
            <span key={mark} style={{ left: `${whole === 0 ? 0 : ((mark - window.from) / whole) * 100}%` }}>
              {String(mark)}
            </span>
          ))}
          <span class="last">{`${millisText(window.to)} ms`}</span>
        </div>
      </div>
      <WidthHandle />
      <div class="list" ref={viewport} role="treegrid" aria-label={label} aria-colcount={5} tabIndex={0} />
      {children}
      {cross.value !== undefined && (
        <div class="cross" aria-hidden="true" style={{ left: `${cross.value.x}px` }}>
          <span>{`${millisText(cross.value.at)} ms`}</span>
        </div>
      )}
    </div>
  )
}

function axisBox(grid: HTMLElement): DOMRect | undefined {
  const box = grid.querySelector('.axis')?.getBoundingClientRect()
  return box === undefined || box.width === 0 ? undefined : box
}

function millisText(millis: number): string {
  return millis < 1 ? millis.toFixed(3) : millis.toFixed(1)
}

/** Drag, or the arrow keys: how wide the column of bars is. */
function WidthHandle(): JSX.Element {
  const share = useSignal(Number(localStorage.getItem('tracelog.bar')) || 30)
  const set = (element: HTMLElement, next: number): void => {
    share.value = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)))
    localStorage.setItem('tracelog.bar', String(share.value))
    element.closest<HTMLElement>('.story')?.style.setProperty('--share', String(share.value / 100))
  }
  return (
    <div
      class="bar-handle"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the bars"
      aria-valuenow={share.value}
      aria-valuemin={SMALLEST}
      aria-valuemax={LARGEST}
      tabIndex={0}
      ref={(element) =>
        element?.closest<HTMLElement>('.story')?.style.setProperty('--share', String(share.value / 100))
      }
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
        event.stopPropagation()
        event.preventDefault()
        set(event.currentTarget, share.value + (event.key === 'ArrowLeft' ? STEP : -STEP))
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const handle = event.currentTarget
        const box = handle.parentElement?.getBoundingClientRect()
        if (box === undefined || !handle.hasPointerCapture(event.pointerId)) return
        set(handle, ((box.right - event.clientX) / box.width) * 100)
      }}
    />
  )
}
