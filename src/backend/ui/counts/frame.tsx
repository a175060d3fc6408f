/**
 * A list with its counts: values on the left, the histogram above. On a narrow screen the values are behind a button.
 */
import { useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { arrived } from '../view.ts'
import { Counts, type Of } from './counts.ts'
import { fieldsOf, switchField } from './facet-fields.ts'
import { FacetList } from './facets.tsx'
import { HistogramBar } from './histogram.tsx'

export interface CountedFrameProps {
  readonly of: Of
  /** Beside the histogram. */
  readonly tools?: ComponentChildren
  readonly children: ComponentChildren
}

export function CountedFrame({ of, tools, children }: CountedFrameProps): JSX.Element {
  const fields = useSignal(fieldsOf(of))
  const isOpen = useSignal(false)
  const counts = useRef<Counts>(undefined)
  counts.current ??= new Counts(of)
  const { histogram, facets } = counts.current
  useEffect(() => () => counts.current?.stop(), [])
  useSignalEffect(() => counts.current?.ask(fields.value))
  useSignalEffect(() => {
    if (arrived.value > 0) counts.current?.grew()
  })
  const add = (field: string) => {
    switchField(of, field)
    fields.value = fieldsOf(of)
  }
  return (
    <div class={`counted${isOpen.value ? ' open' : ''}`}>
      <FacetList facets={facets.value} fields={fields.value} onAdd={add} />
      <div class="counted-main">
        <div class="counted-head">
          <HistogramBar histogram={histogram.value} noun={of} />
          <button
            type="button"
            class="pill drawer"
            aria-expanded={isOpen.value}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            filter
          </button>
          {tools}
        </div>
        {children}
      </div>
    </div>
  )
}
