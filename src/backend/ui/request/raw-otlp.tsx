/**
 * The span or the record of one row as it was sent: OTLP, asked for when it is looked at.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import type { TreeRow } from '../../../model/api.ts'
import { ask } from '../api.ts'

export function RawOtlp({ traceId, row }: { readonly traceId: string; readonly row: TreeRow }): JSX.Element {
  const answer = useSignal<unknown>(undefined)
  useEffect(() => {
    const stopper = new AbortController()
    ask(`traces/${traceId}`, { format: 'otlp' }, stopper.signal).then(
      (otlp) => (answer.value = otlp),
      () => {},
    )
    return () => stopper.abort()
  }, [traceId])
  if (answer.value === undefined) return <pre aria-busy="true" />
  const found = sentOf(answer.value, row)
  return (
    <pre>{found.length === 0 ? 'Nobody sent one.' : found.map((one) => JSON.stringify(one, null, 2)).join('\n')}</pre>
  )
}

/** Spans by their id, records by the span that they were written in and what they say. */
function sentOf(otlp: unknown, row: TreeRow): readonly object[] {
  const found: object[] = []
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Array.isArray(value) && isSent(value, row)) found.push(value)
    else for (const inner of Object.values(value)) look(inner)
  }
  look(otlp)
  return found
}

interface Sent {
  readonly spanId?: string
  readonly startTimeUnixNano?: string
  readonly timeUnixNano?: string
  readonly body?: { readonly stringValue?: string }
}

function isSent({ spanId, startTimeUnixNano: start, timeUnixNano: time, body }: Sent, row: TreeRow): boolean {
  if (spanId === undefined || spanId !== row.span_id) return false
  return row.kind === 'span' ? start !== undefined : time !== undefined && body?.stringValue === row.message
}
