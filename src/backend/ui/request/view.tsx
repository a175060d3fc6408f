/**
 * One request as a story: its head, the grid of everything that happened, and the inspector of one row.
 */
import { useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'

import { change, param } from '../state.ts'
import { type View, type ViewProps, wantsLive } from '../view.ts'
import { windowOf } from './bars.ts'
import { GridView } from './grid-view.tsx'
import { Head } from './head.tsx'
import { Inspector } from './inspector.tsx'
import { loadRequest } from './load.ts'
import { createLook } from './look.ts'
import { useGrid } from './use-grid.ts'

function Request({ id }: ViewProps): JSX.Element {
  const loaded = useMemo(() => loadRequest(id), [id])
  const look = useMemo(createLook, [id])
  const viewport = useRef<HTMLDivElement>(null)
  useSignalEffect(() => loaded.ask())
  useSignalEffect(() => loaded.follow(wantsLive.value))
  useEffect(() => () => loaded.stop(), [loaded])
  const { grid, current, above } = useGrid({ viewport, model: loaded.model, look })
  const model = loaded.model.value
  if (model === undefined) {
    const why = loaded.problem.value
    return why === '' ? <p class="empty" aria-busy="true" /> : <Missing id={id} why={why} />
  }
  const row = current.value === undefined ? undefined : model.outline.rows[current.value.index]
  const isInspected = param('insp') !== '' && row !== undefined
  const close = (): void => {
    change({ insp: undefined }, { replaces: true })
    grid.value?.focus()
  }
  return (
    <section class={isInspected ? 'story inspected' : 'story'}>
      <Head model={model} look={look} row={current.value?.key ?? ''} />
      <GridView viewport={viewport} window={windowOf(model, look.zoom.value)} label="What happened, in order">
        {above.value > 0 && (
          <button type="button" class="fresh" onClick={() => grid.value?.showNew()}>
            {`▲ ${above.value.toLocaleString('en')} new above`}
          </button>
        )}
      </GridView>
      {isInspected && <Inspector row={row} traceId={model.tree.trace_id} onClose={close} />}
    </section>
  )
}

function Missing({ id, why }: { readonly id: string; readonly why: string }): JSX.Element {
  return (
    <div class="empty">
      <h1>There is no such request.</h1>
      <p>{why}</p>
      <p>
        <a href="/" data-view>
          All requests
        </a>
        {` · trace ${id}`}
      </p>
    </div>
  )
}

export const requestView: View = { path: '/traces/:id', title: 'Request', component: Request }
