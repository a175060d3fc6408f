/**
 * The trace's ids among a logger's own fields: bunyan copies them into each record it makes, first in the line.
 *
 * Each is an accessor that gives the id of the active span, and `undefined` without one, which JSON leaves out. What the application
 * assigns there stays the application's: then all three of ours are gone.
 */
import type { SpanContext } from '@opentelemetry/api'

import { guardedQuestion, safely } from '../../../diag/guarded.ts'

export const TRACE_KEYS = ['trace_id', 'span_id', 'trace_flags'] as const
type TraceKey = (typeof TRACE_KEYS)[number]

export interface TraceFields {
  /** Adds them to a logger's fields. Twice is harmless. */
  add(fields: object): void
  /** What was read before is not being copied any more. */
  forgetRead(): void
}

/** @param activeSpan  whose ids are shown; `undefined`: none */
export function createTraceFields(activeSpan: () => SpanContext | undefined): TraceFields {
  const seen = new WeakSet()
  /** What an accessor gave last: a child that copies its parent's fields assigns it to its own. */
  let lastKey: TraceKey | undefined
  let lastText: string | undefined
  let span: SpanContext | undefined
  const read = guardedQuestion('bunyan', (key: TraceKey) => {
    // All three are read in one go.
    if (key === 'trace_id' || lastKey === undefined) span = activeSpan()
    lastKey = key
    lastText = span === undefined ? undefined : idOf(span, key)
    return lastText
  })
  const isCopied = (key: TraceKey, value: unknown): boolean => lastKey === key && value === lastText

  function define(fields: object, key: TraceKey): void {
    Object.defineProperty(fields, key, {
      configurable: true,
      enumerable: true,
      get: () => read(key),
      set(this: object, value: unknown) {
        const isOfParent = safely('bunyan', () => isCopied(key, value)) === true
        lastKey = undefined
        if (isOfParent) return
        for (const other of TRACE_KEYS) Reflect.deleteProperty(this, other)
        Object.defineProperty(this, key, { value, configurable: true, enumerable: true, writable: true })
      },
    })
  }

  return {
    add(fields) {
      if (seen.has(fields) || !Object.isExtensible(fields)) return
      seen.add(fields)
      // A child's, copied as a whole: the flags are the last that was read.
      const isOfParent = isCopied('trace_flags', (fields as BunyanFields).trace_flags)
      lastKey = undefined
      if (!isOfParent && TRACE_KEYS.some((key) => Object.hasOwn(fields, key))) return
      for (const key of TRACE_KEYS) define(fields, key)
    },
    forgetRead: () => void (lastKey = undefined),
  }
}

type BunyanFields = Partial<Record<TraceKey, unknown>>

/**
 * A call that gives a trace of its own: what bunyan has copied of ours beside it is of another trace.
 *
 * @param record  bunyan's, on its way to the streams
 */
export function dropIdsOfOurs(record: Record<string, unknown>, span: SpanContext): boolean {
  if (!('trace_id' in record) || record['trace_id'] === span.traceId) return false
  const others = TRACE_KEYS.filter((key) => key !== 'trace_id' && record[key] === idOf(span, key))
  for (const key of others) delete record[key]
  return others.length > 0
}

/** As it stands in a line. */
export function idOf(span: SpanContext, key: TraceKey): string {
  if (key === 'trace_id') return span.traceId
  return key === 'span_id' ? span.spanId : (span.traceFlags & 0xff).toString(16).padStart(2, '0')
}
