/**
 * Calls that give a `trace_id` of their own: the ids of our span, which bunyan has copied beside it, are taken out before the line is
 * made.
 *
 * bunyan's record is known there to the arguments of its running `_emit` only, and reading these costs 4 to 7 us
 * (a loop of such calls, Node 24.21, 2026-11-30). So it is done from the second such call of a process on; of the first only the printed
 * line keeps our ids, for its record is seen behind it.
 */
import type { SpanContext } from '@opentelemetry/api'

import { requireArgumentsOf, runningArguments } from '../../hop/running-arguments.ts'
import type { BunyanRecord } from './bunyan-types.ts'
import { dropIdsOfOurs } from './trace-fields.ts'

export interface OwnTraces {
  /** There are such calls. */
  begin(): void
  /** Called within `_emit`, before the line is made. */
  onWrite(): void
}

/** @param prototype  bunyan's Logger's, not hooked yet */
export function createOwnTraces(prototype: object, activeSpan: () => SpanContext | undefined): OwnTraces {
  const emit = requireArgumentsOf(Reflect.get(prototype, '_emit'))
  let isOn = false
  return {
    begin: () => void (isOn = true),
    onWrite() {
      const span = isOn ? activeSpan() : undefined
      if (span === undefined) return
      const [record] = Array.from(runningArguments(emit) ?? [])
      if (typeof record === 'object' && record !== null) dropIdsOfOurs(record as BunyanRecord, span)
    },
  }
}
