/**
 * A piece of work that is no HTTP request, as a unit: a consumed message, what `recorder.unit()` runs.
 */
import type { SpanContext } from '@opentelemetry/api'

import { RequestUnit, type UnitEnds } from '../context/request-unit.ts'
import { SpanIds } from '../context/span-ids.ts'
import { monotonicMillis } from '../diag/clock.ts'

/** For who has no recorder: units are there without one. */
export const NO_UNIT_ENDS: UnitEnds = {
  onBegin: () => {},
  onEnd: () => {},
  onDumpAsked: () => {},
  onTaskFailed: () => {},
  asksForDump: () => false,
}

/** @param name  what its span is called: few names for many units. @param around  the unit that it is begun within */
export function beginWork(
  units: UnitEnds,
  name: string,
  { traceId, spanId, traceFlags }: SpanContext,
  around?: RequestUnit,
): RequestUnit {
  const unit = new RequestUnit({
    ids: SpanIds.of(traceId, spanId),
    traceFlags,
    method: '',
    path: undefined,
    name,
    startedMillis: monotonicMillis(),
    isPeerTrusted: false,
  })
  unit.component = 'app'
  // Its lines are lines of the call that it is part of.
  unit.returning = around?.returning
  unit.returning?.began()
  units.onBegin(unit)
  return unit
}

export interface WorkEnd {
  /** Its span ended with an error. */
  readonly hasFailed: boolean
  /** Of what was thrown. */
  readonly errorType?: string | undefined
}

/** Only the first end counts. */
export function endWork(units: UnitEnds, unit: RequestUnit, { hasFailed, errorType }: WorkEnd): void {
  if (unit.hasEnded) return
  unit.hasEnded = true
  units.onEnd(unit, { millis: unit.elapsedMillis(), status: undefined, isAborted: false, errorType, hasFailed })
  unit.returning?.ended(hasFailed)
  unit.forget()
}
